import { basename, dirname, join } from "node:path";
import {
  firstFile,
  matchesOf,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { outline } from "./outline";

/** Number of parent folders searched for `Cargo.lock`. */
const mostAbove = 24;
const uses =
  /^[ \t]*(?:pub(?:\([^)\n]{0,200}\))?[ \t]+)?(?:use|extern[ \t]+crate)[ \t]+(?:::)?([\w:]{1,200})/gm;
/** Crates that a crate re-exports as a whole or in part. */
const passedOnCrates =
  /^[ \t]*pub[ \t]+use[ \t]+(?:::)?(\w{1,200})(?=::|[ \t]*;)/gm;
const modules =
  /^[ \t]*(?:pub(?:\([^)\n]{0,200}\))?[ \t]+)?mod[ \t]+(\w{1,200})[ \t]*;/gm;
const ownPaths = new Set([
  "std",
  "core",
  "alloc",
  "crate",
  "self",
  "super",
  "Self",
]);

/** Rust: crates in cargo's registry, at the version of `Cargo.lock`. */
export const rust: ImportLanguage = {
  endings: [".rs"],

  importsIn(text) {
    const paths = matchesOf(text, uses).map((path) => path.replace(/:+$/, ""));
    return [
      ...new Set([
        ...paths,
        ...matchesOf(text, modules).map((name) => `self::${name}`),
        // All public items of a used crate can be named: `serde_json::to_string`.
        ...paths.map((path) => path.split("::")[0]!),
      ]),
    ].filter((path) => !ownPaths.has(path));
  },

  async locate(specifier, from, places) {
    const [crate = "", ...parts] = specifier.split("::");
    if (crate === "" || ownPaths.has(crate)) return [];
    const lock = await lockOf(from, places);
    const name = crate.replaceAll("_", "[-_]");
    const entry = new RegExp(
      `^name = "(${name})"\\r?\\nversion = "([\\w.+-]+)"\\r?\\nsource = "registry`,
      "m",
    ).exec(lock ?? "");
    if (entry === null) return [];
    const home =
      places.environment["CARGO_HOME"] || join(places.home, ".cargo");
    const sources = join(home, "registry", "src");
    const registries = await places.reader.list(sources);
    const folders = registries.map((registry) =>
      join(sources, registry, `${entry[1]!}-${entry[2]!}`, "src"),
    );
    return firstFile(
      places,
      folders.flatMap((folder) => filesOf(folder, parts)),
    );
  },

  signatures(text) {
    const declarations = outline(text, {
      // A `'` may begin a lifetime.
      quotes: '"',
      keepsBody: (header) =>
        !/\bfn\b|\bmacro_rules\b/.test(header) &&
        /\b(?:struct|enum|union|trait|impl|mod|extern|use)\b/.test(header),
    });
    return declarations
      .split("\n")
      .filter(isPublic(/^\s*(?:#|mod \w+;|use |type |const |static |let )/))
      .join("\n");
  },

  async passedOn(text, path, places) {
    const isRoot = /^(?:lib|mod|main)\.rs$/.test(basename(path));
    const folder = isRoot ? dirname(path) : path.replace(/\.rs$/, "");
    const found: string[] = [];
    for (const name of matchesOf(text, modules)) {
      if (name === "tests") continue;
      found.push(
        ...(await firstFile(places, [
          join(folder, `${name}.rs`),
          join(folder, name, "mod.rs"),
        ])),
      );
    }
    // The workspace's lock file counts, not one that the crate was published with.
    for (const crate of new Set(matchesOf(text, passedOnCrates)))
      for (const root of places.roots)
        found.push(...(await rust.locate(crate, join(root, "lib.rs"), places)));
    return found;
  },
};

/** Files that may hold the modules of a path, the innermost first, since a crate may have hundreds. */
function filesOf(folder: string, parts: readonly string[]): string[] {
  const files = parts.flatMap((_, i) => {
    const path = join(folder, ...parts.slice(0, parts.length - i));
    return [`${path}.rs`, join(path, "mod.rs")];
  });
  return [...files, join(folder, "lib.rs")];
}

/** Keeps variants, fields, methods and public items; leaves out items private to the crate. */
function isPublic(own: RegExp): (line: string) => boolean {
  return (line) =>
    !own.test(line) && !/^\s*pub\s*\(\s*(?:crate|super|in\b)/.test(line);
}

async function lockOf(
  from: string,
  { reader }: LibraryPlaces,
): Promise<string | undefined> {
  let folder = dirname(from);
  for (let above = 0; above < mostAbove; above++) {
    const text = await reader.read(join(folder, "Cargo.lock"));
    const next = dirname(folder);
    if (text !== undefined || next === folder) return text;
    folder = next;
  }
  return undefined;
}
