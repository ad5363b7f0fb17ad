import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { Completer } from "../completion/completer";
import { createContext } from "../completion/context";
import { Runner } from "../completion/runner";
import type { Suggestion } from "../completion/suggestion";
import { refuseAccess } from "../exclusion/refuseAccess";
import { PromptWindow } from "../runtime/promptWindow";
import type { LoadedModel } from "../runtime/loadedModel";
import { languageIdOf } from "../text/languageId";
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
    languageId: languageOf(place.path),
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

/** @returns the ending itself, where that is not known: many are their language's name */
function languageOf(path: string): string {
  const ending = extname(path).slice(1).toLowerCase();
  return languageIdOf(path) ?? (ending === "" ? "plaintext" : ending);
}
