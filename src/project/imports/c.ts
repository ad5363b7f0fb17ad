import { dirname, join, relative } from "node:path";
import { isIn } from "../files";
import { isMostlyOthers } from "../filesKind";
import { includesOfBuilds, includesOfPackages } from "./includeFolders";
import {
  firstFile,
  matchesOf,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { outline } from "./outline";

const includes =
  /^[ \t]*#[ \t]*(?:include|import)[ \t]*[<"]([^>"\n]{1,300})[>"]/gm;
/** Folders of a workspace that are searched for headers. */
const includeFolders = [
  ".",
  "include",
  "src",
  "inc",
  "lib",
  "third_party",
  "vendor",
  "external",
  "deps",
];

/** C and C++: headers beside a file and in the include folders of the workspace. */
export const c: ImportLanguage = {
  endings: [
    ".c",
    ".h",
    ".cc",
    ".hh",
    ".cpp",
    ".hpp",
    ".cxx",
    ".hxx",
    ".inl",
    ".m",
    ".mm",
  ],
  installed: /(?:^|\/)(?:compile_commands|c_cpp_properties)\.json$/,

  importsIn: (text) => [...new Set(matchesOf(text, includes))],

  async locate(specifier, from, places) {
    const found = await firstFile(
      places,
      await candidates(specifier, from, places),
    );
    return found.filter((path) => isOfOthers(path, places));
  },

  signatures(text) {
    const declarations = outline(joinedLines(text), {
      quotes: "\"'",
      keepsBody: (header) =>
        /\b(?:struct|union|enum|class|namespace)\b[^();=]*\{$|\bextern\s*"C\S*"?\s*\{$/.test(
          header,
        ),
    });
    return (
      declarations
        .split("\n")
        // Of the preprocessor's lines only `#define` declares a name.
        .filter((line) => !/^\s*#(?!\s*define\b)/.test(line))
        .map((line) =>
          line.replace(/^(\s*#\s*define\s+\w+(?:\([^)]*\))?)[^]*$/, "$1"),
        )
        .join("\n")
    );
  },

  async passedOn(text, path, places) {
    const found: string[] = [];
    for (const specifier of matchesOf(text, includes))
      found.push(
        ...(await firstFile(places, await candidates(specifier, path, places))),
      );
    return found.filter((one) => isOfOthers(one, places));
  },
};

/** The include folders of places, which are kept as long as these. */
const known = new WeakMap<LibraryPlaces, Promise<Folders>>();

interface Folders {
  /** In the workspace. */
  readonly own: readonly string[];
  /** Named by the settings of builds, mostly elsewhere. */
  readonly named: readonly string[];
}

async function foldersOf(places: LibraryPlaces): Promise<Folders> {
  const own: string[] = [];
  const named: string[] = [];
  for (const root of places.roots) {
    own.push(...includeFolders.map((folder) => join(root, folder)));
    own.push(...(await includesOfPackages(root, places)));
    named.push(...(await includesOfBuilds(root, places)));
  }
  return { own, named };
}

async function candidates(
  specifier: string,
  from: string,
  places: LibraryPlaces,
): Promise<string[]> {
  let folders = known.get(places);
  if (folders === undefined) {
    folders = foldersOf(places);
    known.set(places, folders);
  }
  const { own, named } = await folders;
  const allowed = [...places.roots, ...named];
  return [dirname(from), ...own, ...named]
    .map((folder) => join(folder, specifier))
    .filter((path) => allowed.some((folder) => isIn(folder, path)));
}

/** Whether a file is not indexed as one of the workspace's own. */
function isOfOthers(path: string, { roots }: LibraryPlaces): boolean {
  const root = roots.find((one) => isIn(one, path));
  return (
    root === undefined ||
    relative(root, dirname(path)).split(/[\\/]/).some(isMostlyOthers)
  );
}

/** Joins lines that end with a backslash to the next one, so that a macro is one line. */
function joinedLines(text: string): string {
  return text.replace(/\\\r?\n/g, " ");
}
