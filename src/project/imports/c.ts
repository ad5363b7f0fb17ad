import { dirname, join, relative } from "node:path";
import { isIn } from "../files";
import { isOtherFolder } from "../filesKind";
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
    const found = await firstFile(places, candidates(specifier, from, places));
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
        ...(await firstFile(places, candidates(specifier, path, places))),
      );
    return found.filter((one) => isOfOthers(one, places));
  },
};

function candidates(
  specifier: string,
  from: string,
  { roots }: LibraryPlaces,
): string[] {
  const inRoots = roots.flatMap((root) =>
    includeFolders.map((folder) => join(root, folder, specifier)),
  );
  return [join(dirname(from), specifier), ...inRoots].filter((path) =>
    roots.some((root) => isIn(root, path)),
  );
}

/** Whether a file is not indexed as one of the workspace's own. */
function isOfOthers(path: string, { roots }: LibraryPlaces): boolean {
  const root = roots.find((one) => isIn(one, path));
  return (
    root !== undefined &&
    relative(root, dirname(path)).split(/[\\/]/).some(isOtherFolder)
  );
}

/** Joins lines that end with a backslash to the next one, so that a macro is one line. */
function joinedLines(text: string): string {
  return text.replace(/\\\r?\n/g, " ");
}
