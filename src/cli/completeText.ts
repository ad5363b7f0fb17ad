import { basename, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { Completer } from "../completion/completer";
import { createContext } from "../completion/context";
import { Runner } from "../completion/runner";
import type { Suggestion } from "../completion/suggestion";
import { refuseAccess } from "../exclusion/refuseAccess";
import { PromptWindow } from "../runtime/promptWindow";
import type { LoadedModel } from "../runtime/loadedModel";
import { defaultSettings, type Settings } from "../protocol";

/**
 * One suggestion for a position in a text, by the pipeline that the editor uses. It does not reject:
 * `error` of the result has what went wrong.
 *
 * @param place the file's path, its text, and a UTF-16 offset in it
 * @param settings override the defaults
 */
export async function completeText(
  model: LoadedModel,
  place: { path: string; text: string; offset: number },
  settings: Partial<Settings> = {},
): Promise<Suggestion> {
  const window = new PromptWindow(
    model.tokenizer,
    model.documentStart(place.path),
  );
  const uri = pathToFileURL(place.path).href;
  const used = { ...defaultSettings, ...settings };
  const context = createContext({
    uri,
    path: place.path,
    languageId: languageIdOf(place.path),
    settings: used,
    refusedAccess: await refuseAccess(uri, used, []),
    text: place.text,
    offset: place.offset,
    trigger: "invoked",
    afterDeletion: false,
    environment: "",
  });
  const signal = new AbortController().signal;
  return new Completer(new Runner()).complete(
    context,
    () => ({ model, window }),
    signal,
  );
}

/** VS Code's language ids by file ending, where the two differ. */
const languageIds: Record<string, string> = {
  bash: "shellscript",
  cc: "cpp",
  cs: "csharp",
  cts: "typescript",
  h: "cpp",
  hpp: "cpp",
  js: "javascript",
  jsx: "javascriptreact",
  kt: "kotlin",
  md: "markdown",
  mk: "makefile",
  mjs: "javascript",
  mts: "typescript",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shellscript",
  ts: "typescript",
  tsx: "typescriptreact",
  txt: "plaintext",
  yml: "yaml",
};

/** VS Code's language ids by file name, for files without an ending. */
const languageIdsByName: Record<string, string> = {
  dockerfile: "dockerfile",
  gnumakefile: "makefile",
  makefile: "makefile",
};

function languageIdOf(path: string): string {
  const name = basename(path).toLowerCase();
  const byName = languageIdsByName[name];
  if (byName !== undefined) return byName;
  const ending = extname(name).slice(1);
  return languageIds[ending] ?? (ending === "" ? "plaintext" : ending);
}
