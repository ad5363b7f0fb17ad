import { basename, dirname, join, sep } from "node:path";
import { isIn } from "../files";
import {
  firstFile,
  foldersAbove,
  matchesOf,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { withoutEmptyLines } from "./outline";

const environments = [".venv", "venv", "env", ".env"];
/** Names of one `from … import …` that may be modules. */
const mostNames = 12;
/** Characters of the longest line, and of the longest head of a definition. */
const longLine = 2000;
const importLine = /^[ \t]*import[ \t]+([\w., \t]+)/gm;
const fromLine =
  /^[ \t]*from[ \t]+([\w.]{1,300})[ \t]+import[ \t]*(?:\(((?:[^()#]|#[^\n]*\n){0,8000})\)|([^\n#;]*))/gm;
const longString = /[rRbBuUfF]{0,2}("""|''')[^]*?\1/g;

/** Python: packages of the workspace's virtual environment or of the interpreter, stubs first. */
export const python: ImportLanguage = {
  endings: [".py", ".pyi"],
  installed:
    /(?:^|\/)(?:pyvenv\.cfg|(?:poetry|uv|pdm|Pipfile)\.lock|requirements[^/]{0,99}\.txt|(?:site|dist)-packages|[^/]{1,200}\.(?:dist|egg)-info|[^/]{1,200}\.dist-info\/(?:METADATA|RECORD))$/,

  importsIn(text) {
    const found = matchesOf(text, importLine).flatMap((list) =>
      list.split(",").map((item) => item.trim().split(/\s/)[0] ?? ""),
    );
    for (const [, module = "", inBrackets, inLine] of text.matchAll(fromLine)) {
      if (/[^.]$/.test(module)) found.push(module);
      const stem = /[^.]$/.test(module) ? `${module}.` : module;
      for (const name of namesOf(inBrackets ?? inLine ?? ""))
        found.push(stem + name);
    }
    return [...new Set(found.filter((name) => name !== ""))];
  },

  async locate(specifier, from, places) {
    if (specifier.startsWith(".")) return [];
    const parts = specifier.split(".");
    const [top = ""] = parts;
    for (const root of places.roots)
      for (const folder of [root, join(root, "src")])
        if ((await moduleIn(folder, [top], places)).length > 0) return [];
    for (const folder of await packageFolders(from, places)) {
      const stubs = [`${top}-stubs`, ...parts.slice(1)];
      // The last part may be a name within a module, or an alias of another module (`os.path`).
      for (const names of [
        stubs,
        parts,
        stubs.slice(0, -1),
        parts.slice(0, -1),
      ]) {
        if (names.length === 0) continue;
        const found = await moduleIn(folder, names, places);
        if (found.length > 0) return found;
      }
    }
    return [];
  },

  signatures: (text, path) =>
    withoutEmptyLines(`${passedOnNames(text, path)}\n${declared(text)}`),

  async passedOn(text, path, places) {
    if (!isPackage(path)) return [];
    const found: string[] = [];
    for (const [, module = ""] of text.matchAll(fromLine)) {
      const part = partOf(module, path);
      if (part !== undefined)
        found.push(...(await moduleIn(part.folder, part.names, places)));
    }
    return [...new Set(found)];
  },
};

/** Whether a file is a package's own module, which mostly re-exports its other modules. */
function isPackage(path: string): boolean {
  return basename(path).startsWith("__init__.");
}

/**
 * The path of a module in the same package as a file, imported relatively or by its full name; undefined
 * for modules of other packages.
 */
function partOf(
  module: string,
  path: string,
): { folder: string; names: readonly string[] } | undefined {
  const folder = dirname(path);
  const relativeName = /^\.([^.].*)$/.exec(module)?.[1];
  if (relativeName !== undefined)
    return { folder, names: relativeName.split(".") };
  if (module.startsWith(".")) return undefined;
  const names = module.split(".");
  const folders = folder.split(/[\\/]/);
  const top = folders.lastIndexOf(names[0]!);
  if (top < 1) return undefined;
  return { folder: folders.slice(0, top).join(sep), names };
}

/**
 * The names that a package re-exports from its own modules, or from modules in C without source text
 * (`_collections`).
 */
function passedOnNames(text: string, path: string): string {
  const lines: string[] = [];
  for (const [, module = "", inBrackets, inLine] of text.matchAll(fromLine)) {
    const isOwn = isPackage(path) && partOf(module, path) !== undefined;
    if (!isOwn && !/^_[^_]/.test(module)) continue;
    const names = [...allNamesOf(inBrackets ?? inLine ?? "")].filter(isPublic);
    if (names.length > 0)
      lines.push(`from ${module} import ${names.join(", ")}`);
  }
  return lines.join("\n");
}

function namesOf(list: string): string[] {
  return list
    .replace(/#.*$/gm, "")
    .split(",")
    .map((item) => /^\s*(\w+)/.exec(item)?.[1] ?? "")
    .filter((name) => name !== "")
    .slice(0, mostNames);
}

/** The local names of a list of imports: a and c for `a, b as c`. */
function* allNamesOf(list: string): Generator<string> {
  for (const item of list.replace(/#.*$/gm, "").split(",")) {
    const name = item.split(/[\s\\]+/).findLast((word) => word !== "");
    if (name !== undefined && /^\w+$/.test(name)) yield name;
  }
}

function moduleIn(
  folder: string,
  names: readonly string[],
  places: LibraryPlaces,
): Promise<string[]> {
  const path = join(folder, ...names);
  const init = join(path, "__init__.py");
  return firstFile(places, [`${path}.pyi`, `${init}i`, `${path}.py`, init]);
}

/** Folders of installed packages, those of the environment nearest to a file first. */
async function packageFolders(
  from: string,
  places: LibraryPlaces,
): Promise<string[]> {
  const prefixes: string[] = [];
  for (const around of foldersAround(from, places.roots))
    for (const name of environments) {
      const folder = join(around, name);
      if (!(await places.reader.isFile(join(folder, "pyvenv.cfg")))) continue;
      prefixes.push(folder, ...(await madeFrom(folder, places)));
    }
  if (places.pythonPath) {
    const folder = prefixOf(dirname(places.pythonPath));
    if (!prefixes.includes(folder))
      prefixes.push(folder, ...(await madeFrom(folder, places)));
  }
  const folders: string[] = [];
  for (const prefix of new Set(prefixes)) {
    // Windows has one folder `Lib`, with the standard library; Debian has packages of its own and local ones.
    folders.push(join(prefix, "Lib", "site-packages"), join(prefix, "Lib"));
    for (const lib of [join(prefix, "local", "lib"), join(prefix, "lib")])
      for (const name of await places.reader.list(lib)) {
        if (!/^python3(?:\.\d+)?$/.test(name)) continue;
        const library = join(lib, name);
        folders.push(
          join(library, "site-packages"),
          join(library, "dist-packages"),
          library,
        );
      }
  }
  return folders;
}

/** The folders from a file's own up to its root, then the other roots. */
function foldersAround(from: string, roots: readonly string[]): Set<string> {
  const folders = new Set<string>();
  const root = roots.find((one) => isIn(one, from));
  if (root !== undefined)
    for (const at of foldersAbove(from)) {
      if (!isIn(root, at)) break;
      folders.add(at);
    }
  for (const one of roots) folders.add(one);
  return folders;
}

/** The installation that an environment was made from; it has the standard library. */
async function madeFrom(
  environment: string,
  { reader }: LibraryPlaces,
): Promise<string[]> {
  const config = await reader.read(join(environment, "pyvenv.cfg"));
  const home = /^home[ \t]*=(.*)$/m.exec(config ?? "")?.[1]?.trim();
  return !home || /^[\\/]{2}/.test(home) ? [] : [prefixOf(home)];
}

/** The folder of an installation whose interpreter is in `folder`: Windows has it at the top, others in `bin`. */
function prefixOf(folder: string): string {
  return /^(?:bin|scripts)$/i.test(basename(folder)) ? dirname(folder) : folder;
}

/** The declarations of a module, without private names (those with one leading `_`). */
function declared(text: string): string {
  const out: string[] = [];
  /** The definitions around a line, outermost first: their indentation and whether each is a class. */
  const around: { indent: number; isClass: boolean }[] = [];
  const lines = text.replace(longString, '""').split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.slice(0, longLine).trimEnd();
    const indent = line.search(/\S/);
    if (indent < 0 || line[indent] === "#") continue;
    while (around.length > 0 && around.at(-1)!.indent >= indent) around.pop();
    if (around.some(({ isClass }) => !isClass)) continue;
    const [, keyword, name = ""] =
      /^\s*(?:async\s+)?(def|class)\s+(\w+)/.exec(line) ?? [];
    if (keyword !== undefined) {
      let head = line;
      for (
        let open = openedIn(head);
        open > 0 && i + 1 < lines.length && head.length < longLine;
      ) {
        const more = lines[++i]!.slice(0, longLine).trim();
        open += openedIn(more);
        head += ` ${more}`;
      }
      around.push({ indent, isClass: keyword === "class" });
      if (isPublic(name))
        out.push(head.replace(/:\s*(?:\.\.\.|pass|return .*)?$/, ": ..."));
    } else if (
      /^\s*@\w*(?:property|setter|staticmethod|classmethod|overload)/.test(line)
    ) {
      out.push(line);
    } else {
      const variable = /^\s*(\w+)\s*(?::[^=]+)?(?:=(?!=)|$)/.exec(line)?.[1];
      if (variable !== undefined && isPublic(variable) && /[:=]/.test(line))
        out.push(line.split("=", 1)[0]!.trimEnd());
    }
  }
  return out.join("\n");
}

function isPublic(name: string): boolean {
  return !name.startsWith("_") || name.startsWith("__");
}

/** How many more brackets are opened than closed. */
function openedIn(line: string): number {
  let depth = 0;
  for (const char of line)
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
  return depth;
}
