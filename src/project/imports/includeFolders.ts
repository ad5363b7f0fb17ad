import { join, resolve } from "node:path";
import { isRecord } from "../../text/isRecord";
import { withoutComments } from "./comments";
import { jsonIn, type LibraryPlaces } from "./language";

/** Folders of a workspace whose folders may each have an `include`. */
const packageFolders =
  "third_party external vendor deps subprojects lib libs".split(" ");
/** Most folders of packages, and most folders that the settings of builds name, of one root. */
const mostFolders = 64;
/** Most compiler calls that are read of one file. */
const mostCommands = 2000;
/** Characters of the longest command that is read. */
const longCommand = 20_000;

/** The `include` folders of packages that lie in a root. */
export async function includesOfPackages(
  root: string,
  { reader }: LibraryPlaces,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of packageFolders)
    for (const name of await reader.list(join(root, folder)))
      found.push(join(root, folder, name, "include"));
  return found.slice(0, mostFolders);
}

/**
 * The include folders that `compile_commands.json` and `.vscode/c_cpp_properties.json` of a root name, outside
 * of the root, too. What is damaged, or larger than the reader reads, names none.
 */
export async function includesOfBuilds(
  root: string,
  { reader }: LibraryPlaces,
): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of [root, join(root, "build")]) {
    const text = await reader.read(join(folder, "compile_commands.json"));
    for (const one of ofCommands(jsonIn(text), root)) found.add(one);
  }
  const path = join(root, ".vscode", "c_cpp_properties.json");
  const text = await reader.read(path);
  const settings = jsonIn(withoutComments(text ?? "", '"'));
  for (const one of ofSettings(settings, root)) found.add(one);
  return [...found].slice(0, mostFolders);
}

function* ofCommands(commands: unknown, root: string): Generator<string> {
  if (!Array.isArray(commands)) return;
  for (const call of commands.slice(0, mostCommands) as unknown[]) {
    if (!isRecord(call)) continue;
    const { directory, command, arguments: list } = call;
    const at = typeof directory === "string" ? resolve(root, directory) : root;
    const words: unknown[] = Array.isArray(list)
      ? list
      : typeof command === "string"
        ? wordsOf(command.slice(0, longCommand))
        : [];
    for (const [i, word] of words.entries()) {
      if (typeof word !== "string") continue;
      const [, joined] = /^(?:-I|-isystem|-iquote|\/I)(.*)$/s.exec(word) ?? [];
      const named = joined === "" ? words[i + 1] : joined;
      if (typeof named === "string" && named !== "") yield resolve(at, named);
    }
  }
}

/** The words of a command; quotes may stand around a word or within it. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}

function* ofSettings(settings: unknown, root: string): Generator<string> {
  const list = isRecord(settings) ? settings["configurations"] : undefined;
  if (!Array.isArray(list)) return;
  for (const one of list as unknown[]) {
    const paths = isRecord(one) ? one["includePath"] : undefined;
    if (!Array.isArray(paths)) continue;
    for (const path of paths as unknown[]) {
      if (typeof path !== "string") continue;
      const folder = path
        .replaceAll(/\$\{(?:workspaceFolder|workspaceRoot)\}/g, () => root)
        .replace(/[\\/]\*{1,2}$/, "");
      // Variables of the environment and other patterns are not known here.
      if (folder !== "" && !/[*$]/.test(folder)) yield resolve(root, folder);
    }
  }
}
