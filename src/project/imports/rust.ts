import { basename, dirname, join } from "node:path";
import { packageOf, packagesOf, type LockedPackage } from "./cargoLock";
import {
  firstFile,
  foldersAbove,
  matchesOf,
  type ImportLanguage,
  type LibraryPlaces,
} from "./language";
import { outline } from "./outline";

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
  installed: /(?:^|\/)Cargo\.(?:lock|toml)$/,

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
    const packages = packagesOf(
      (await fileAbove("Cargo.lock", from, places)) ?? "",
    );
    const manifest = await fileAbove("Cargo.toml", from, places);
    const ownName = nameIn(manifest ?? "");
    const own = packages.filter(({ name, isOwn }) => isOwn && name === ownName);
    return inRegistry(packageOf(crate, packages, own), parts, places);
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
    const crates = new Set(matchesOf(text, passedOnCrates));
    if (crates.size === 0) return found;
    // The workspace's lock file counts, not one that the crate was published with.
    for (const root of places.roots) {
      const lock = await fileAbove("Cargo.lock", join(root, "lib.rs"), places);
      const packages = packagesOf(lock ?? "");
      const folders = path.split(/[\\/]/);
      const dependants = packages.filter(({ name, version }) =>
        folders.includes(`${name}-${version}`),
      );
      for (const crate of crates)
        if (!ownPaths.has(crate))
          found.push(
            ...(await inRegistry(
              packageOf(crate, packages, dependants),
              [],
              places,
            )),
          );
    }
    return found;
  },
};

/** The files of a package where cargo has unpacked it. */
async function inRegistry(
  found: LockedPackage | undefined,
  parts: readonly string[],
  places: LibraryPlaces,
): Promise<string[]> {
  if (found === undefined) return [];
  const home = places.environment["CARGO_HOME"] || join(places.home, ".cargo");
  const sources = join(home, "registry", "src");
  const registries = await places.reader.list(sources);
  const folders = registries.map((registry) =>
    join(sources, registry, `${found.name}-${found.version}`, "src"),
  );
  return firstFile(
    places,
    folders.flatMap((folder) => filesOf(folder, parts)),
  );
}

/** The name of the package that a `Cargo.toml` describes. */
function nameIn(manifest: string): string | undefined {
  const start = manifest.indexOf("[package]");
  if (start < 0) return undefined;
  const pattern = /^name[ \t]*=[ \t]*"([^"\n]{1,200})"/m;
  return pattern.exec(manifest.slice(start))?.[1];
}

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

/** The text of the nearest file with a name, in the folders at and above a file. */
async function fileAbove(
  name: string,
  from: string,
  { reader }: LibraryPlaces,
): Promise<string | undefined> {
  for (const folder of foldersAbove(from)) {
    const text = await reader.read(join(folder, name));
    if (text !== undefined) return text;
  }
  return undefined;
}
