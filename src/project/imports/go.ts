import { delimiter, join, resolve } from "node:path";
import {
  foldersAbove,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { withoutComments } from "./comments";
import { readModule, type ModuleFile, type NeededModule } from "./goModule";
import { outline } from "./outline";

/** Most files read of one package. */
const mostFiles = 40;
/** An import's path, and the name that it gets here. */
const path = /^[ \t]*(?:[\w.]+[ \t]+)?["`]([^"`]{1,300})["`]/;

/** Go: packages in `vendor`, in the module cache and in the standard library. */
export const go: ImportLanguage = {
  endings: [".go"],
  installed: /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|vendor\/modules\.txt)$/,

  importsIn(text) {
    const found: string[] = [];
    let isInBlock = false;
    // A comment may hold a bracket that ends no block.
    for (const line of withoutComments(text, "\"'`").split("\n")) {
      let rest = line;
      if (!isInBlock) {
        if (!/^import\b/.test(line)) continue;
        rest = line.slice("import".length).trimStart();
        isInBlock = rest.startsWith("(");
        if (isInBlock) rest = rest.slice(1);
      }
      for (const part of rest.split(";")) {
        const name = path.exec(part)?.[1];
        if (name !== undefined) found.push(name);
      }
      if (rest.trimEnd().endsWith(")")) isInBlock = false;
    }
    return found;
  },

  async locate(specifier, from, places) {
    const { environment, home } = places;
    const module = await moduleOf(from, places);
    if (module !== undefined && isPart(specifier, module.name)) return [];
    const folders: string[] = [];
    if (module !== undefined) {
      folders.push(join(module.folder, "vendor", specifier));
      const paths = (environment["GOPATH"] || join(home, "go"))
        .split(delimiter)
        .filter((path) => path !== "")
        .map((path) => join(path, "pkg", "mod"));
      const cache = environment["GOMODCACHE"];
      const needed = module.needs
        .filter(({ name }) => isPart(specifier, name))
        .sort((a, b) => b.name.length - a.name.length)[0];
      if (needed !== undefined) {
        const rest = specifier.slice(needed.name.length);
        for (const place of placesOf(needed, module, cache ? [cache] : paths))
          folders.push(join(place, rest));
      }
    }
    const goRoot = environment["GOROOT"] || "/usr/local/go";
    if (!/^[^/]*\./.test(specifier))
      folders.push(join(goRoot, "src", specifier));
    for (const folder of folders) {
      const names = await places.reader.list(folder);
      const files = names.filter(
        (name) => name.endsWith(".go") && !name.endsWith("_test.go"),
      );
      if (files.length > 0)
        return files.slice(0, mostFiles).map((name) => join(folder, name));
    }
    return [];
  },

  signatures(text) {
    const declarations = outline(text, {
      quotes: "\"'`",
      keepsBody: (header) => /\b(?:struct|interface)\s*\{$/.test(header),
    });
    return declarations
      .split("\n")
      .filter((line) => isExported(line))
      .join("\n");
  },

  passedOn: () => Promise.resolve([]),
};

/** Whether to keep a line: it declares an exported name, or is a closing bracket. */
function isExported(line: string): boolean {
  if (/^(?:const|var|type) \(/.test(line)) return true;
  if (/^(?:package|import|\t?"|\s*_ )/.test(line)) return false;
  const method = /^func \([^)]*\) ?(\w+)/.exec(line)?.[1];
  const name =
    method ?? /^\s*(?:(?:func|type|const|var)[ \t]+)?\*?(\w+)/.exec(line)?.[1];
  return name === undefined ? line.trim() !== "" : /^\p{Lu}/u.test(name);
}

/** Where a needed module may be, by the module's `replace` and in the module caches. */
function placesOf(
  needed: NeededModule,
  { folder, replaced }: Module,
  caches: readonly string[],
): string[] {
  const by = replaced.find(
    ({ name, version }) =>
      name === needed.name && (version === "" || version === needed.version),
  );
  const name = by?.by ?? needed.name;
  if (/^(?:\.\.?(?:[\\/]|$)|[\\/]|[A-Za-z]:)/.test(name))
    return [resolve(folder, name)];
  const version = by === undefined ? needed.version : by.byVersion;
  return caches.map((cache) => join(cache, escaped(`${name}@${version}`)));
}

interface Module extends ModuleFile {
  readonly folder: string;
}

async function moduleOf(
  from: string,
  { reader }: LibraryPlaces,
): Promise<Module | undefined> {
  for (const folder of foldersAbove(from)) {
    const text = await reader.read(join(folder, "go.mod"));
    if (text !== undefined) return { folder, ...readModule(text) };
  }
  return undefined;
}

function isPart(path: string, module: string): boolean {
  return module !== "" && (path === module || path.startsWith(`${module}/`));
}

/** The module cache writes an upper-case letter as `!` and the lower-case one. */
function escaped(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
