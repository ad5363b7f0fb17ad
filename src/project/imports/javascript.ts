import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import {
  firstFile,
  foldersAbove,
  jsonIn,
  matchesOf,
  pathInProject,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { exported, typed } from "./manifest";
import { outline } from "./outline";
import { isRecord } from "../../text/isRecord";

const declarationEndings = [".d.ts", ".d.mts", ".d.cts"];
/** Most paths of a manifest that are looked up for one import. */
const mostTargets = 64;

const imports =
  /(?:\bfrom\s{0,99}|\bimport\s{0,99}(?:\(\s{0,99})?|\brequire[ \t]{0,9}\(\s{0,99}|<reference\s{1,9}types\s{0,9}=\s{0,9})["']([^"'\n]{1,200})["']/g;
/** Packages from which a package imports or re-exports. */
const fromPackage = /\sfrom\s{0,99}["']([^"'\n./#][^"'\n]{0,200})["']/g;
/** Characters of the longest list of what is exported. */
const longExport = 2000;
/** Packages whose types a package may extend, with their local name. */
const importedPackage =
  /^[ \t]*import[ \t]+(?:type[ \t]+)?\*[ \t]+as[ \t]+([\w$]+)[ \t]+from[ \t]*["']([^"'\n./#][^"'\n]{0,200})["']/gm;
const extended = /\bextends ([\w$]+)\./g;
const passedOn =
  /(?:\bfrom\s{0,99}|\bimport\s{0,99}(?:\(\s{0,99})?|\brequire[ \t]{0,9}\(\s{0,99}|<reference\s{1,9}path\s{0,9}=\s{0,9})["'](\.[^"'\n]{1,200})["']/g;

/** JavaScript and TypeScript: declaration files of packages in `node_modules`, else their code. */
export const javascript: ImportLanguage = {
  endings: [".ts .tsx .mts .cts .js .jsx .mjs .cjs .vue .svelte"].flatMap(
    (line) => line.split(" "),
  ),
  installed:
    /(?:^|\/)(?:package\.json|\.?package-lock\.json|npm-shrinkwrap\.json|pnpm-(?:lock|workspace)\.yaml|\.modules\.yaml|yarn\.lock|\.yarn-state\.yml|bun\.lockb?|node_modules)$/,

  importsIn: (text) => [...new Set(matchesOf(text, imports))],

  async locate(specifier, from, places) {
    if (/^[./#]/.test(specifier)) return [];
    if (specifier.startsWith("node:") || isBuiltin(specifier)) {
      const path = specifier.replace(/^node:/, "");
      // A part such as `path/posix` may be declared with the whole.
      for (const part of new Set([path, path.split("/", 1)[0]!])) {
        const found = await inTypes("node", `./${part}`, from, places);
        if (found.length > 0) return found;
      }
    }
    const [, name, rest] =
      /^((?:@[\w.~-]+\/)?[\w.~-]+)(\/.*)?$/.exec(specifier) ?? [];
    if (name === undefined) return [];
    const subpath = `.${rest ?? ""}`;
    const own = await inPackage(name, subpath, from, places);
    if (own.some(isDeclaration)) return own;
    const types = name.replace(/^@/, "").replace("/", "__");
    const others = await inTypes(types, subpath, from, places);
    return others.length > 0 ? others : own;
  },

  signatures: (text) =>
    outline(text, {
      quotes: "\"'`",
      keepsBody: (header) =>
        /\b(?:class|interface|namespace|module|enum|global)\b[^()]*\{$|\btype\b[^;]*\{$|[:=|&(,<]\s*\{$|\b(?:export|import)\s*(?:type\s*)?\{$|^\s*\{$|\bextends\b[^;]*\{$/.test(
          header,
        ),
    }),

  async passedOn(text, path, places) {
    const found: string[] = [];
    for (const relative of new Set(matchesOf(text, passedOn)))
      found.push(
        ...(await firstFile(
          places,
          declarations(join(dirname(path), relative)),
        )),
      );
    const others = packagesPassedOn(text);
    // A package manager may have linked this package; its dependencies are beside the link's target.
    const from = others.size > 0 ? await places.reader.real(path) : path;
    for (const specifier of others)
      found.push(...(await javascript.locate(specifier, from, places)));
    return found;
  },
};

/** Packages that a text re-exports, or whose types its types extend. */
function packagesPassedOn(text: string): Set<string> {
  const found = new Set<string>();
  for (const { 1: specifier = "", index } of text.matchAll(fromPackage))
    if (/\bexport\s/.test(statementBefore(text, index + 1)))
      found.add(specifier);
  const names = new Set(matchesOf(text, extended));
  for (const [, name = "", specifier = ""] of text.matchAll(importedPackage))
    if (names.has(name)) found.add(specifier);
  return found;
}

/** The text before a place, from the end of the statement or of the string before. */
function statementBefore(text: string, end: number): string {
  let start = end;
  while (
    start > 0 &&
    end - start < longExport &&
    !"\"'`;".includes(text[start - 1]!)
  )
    start--;
  return text.slice(start, end);
}

async function inTypes(
  name: string,
  subpath: string,
  from: string,
  places: LibraryPlaces,
): Promise<string[]> {
  return inPackage(`@types/${name}`, subpath, from, places);
}

async function inPackage(
  name: string,
  subpath: string,
  from: string,
  places: LibraryPlaces,
): Promise<string[]> {
  for (const folder of foldersAbove(from)) {
    const at = join(folder, "node_modules", name);
    const text = await places.reader.read(join(at, "package.json"));
    if (text === undefined) continue;
    // A workspace's packages are linked into `node_modules`; what was built of them is no library, either.
    const own = await pathInProject(join(at, "package.json"), places);
    if (
      own !== undefined &&
      !/(?:^|[\\/])(?:node_modules|\.yarn)[\\/]/.test(own)
    )
      return [];
    const manifest = jsonIn(text);
    const fields = isRecord(manifest) ? manifest : {};
    return firstFile(places, filesOfPackage(at, fields, subpath));
  }
  return [];
}

/** Files that may hold the declarations of a part of a package, the best one first. */
function filesOfPackage(
  folder: string,
  manifest: Record<string, unknown>,
  subpath: string,
): string[] {
  const plain: unknown[] =
    subpath === "."
      ? [
          manifest["types"],
          manifest["typings"],
          manifest["main"],
          "index.d.ts",
          "index.js",
        ]
      : [subpath];
  const targets = [
    ...exported(manifest["exports"], subpath),
    ...plain.flatMap((path) =>
      typeof path === "string" ? typed(manifest["typesVersions"], path) : [],
    ),
    ...plain,
  ];
  return targets
    .filter((target) => typeof target === "string")
    .slice(0, mostTargets)
    .map((target) => join(folder, target))
    .filter((path) => path.startsWith(folder))
    .flatMap(declarations);
}

/** The declaration files that an import of a path may mean. */
function declarations(path: string): string[] {
  if (isDeclaration(path)) return [path];
  const [, stem, ending] = /^(.*?)(\.[cm]?[jt]sx?)?$/s.exec(path) ?? [];
  const first = ending?.startsWith(".m")
    ? ".d.mts"
    : ending?.startsWith(".c")
      ? ".d.cts"
      : ".d.ts";
  const endings = new Set([first, ...declarationEndings, ".ts"]);
  const files = [...endings].map((one) => `${stem}${one}`);
  if (ending !== undefined) return [...files, path];
  return [
    ...files,
    `${stem}.js`,
    join(path, "index.d.ts"),
    join(path, "index.js"),
  ];
}

function isDeclaration(path: string): boolean {
  return declarationEndings.some((ending) => path.endsWith(ending));
}
