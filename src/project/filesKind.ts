import { posix } from "node:path";
import { isMarkedGenerated } from "./filesGenerated";

/** Folders of dependencies and of tools' files wherever they are, whether or not git lists them. */
const otherFolders = new Set(
  [
    ".git .hg .svn .jj node_modules bower_components jspm_packages vendor vendored third_party",
    ".venv venv site-packages __pycache__ __pypackages__ .tox .nox .eggs",
    ".mypy_cache .pytest_cache .ruff_cache .gradle .idea .vs .vscode-test .next .nuxt .output",
    ".svelte-kit .angular .turbo .parcel-cache .cache .nyc_output htmlcov Pods",
    "DerivedData .dart_tool .terraform .bundle elm-stuff deps_build _build .stack-work .yarn",
  ].flatMap((line) => line.split(" ")),
);
const otherFolder = /\.(?:egg-info|dist-info|xcassets)$/;

/** Folders that hold what was built if they are where a build tool puts them; `src/build` may be source. */
const outputFolder = /^(?:dist|build|out|coverage|target|cmake-build-.*)$/;
/** Files in the folder that a build tool is run in, beside its output. */
const manifest =
  /^(?:package\.json|[tj]sconfig\.json|deno\.jsonc?|Cargo\.toml|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|build\.sbt|project\.clj|build\.xml|CMakeLists\.txt|(?:GNUm|[Mm])akefile|meson\.build|configure\.ac|go\.mod|pyproject\.toml|setup\.(?:py|cfg)|composer\.json|Gemfile|mix\.exs|rebar\.config|Package\.swift|pubspec\.yaml|build\.zig|dune-project|.+\.(?:csproj|fsproj|vbproj|sln|cabal))$/;
/** Those of the tools whose output is in `target`, a common name of folders of source. */
const targetManifest =
  /^(?:Cargo\.toml|pom\.xml|build\.sbt|project\.clj|build\.xml)$/;

/** Files that mark their folder as a tool's cache (bford.info/cachedir). */
export const folderMarkers = ["CACHEDIR.TAG", "pyvenv.cfg"] as const;

/** Endings of files that hold no source text, or data alone. */
const binaryEndings = new Set(
  [
    "png jpg jpeg gif bmp ico icns webp avif tif tiff psd ai eps svg pdf doc docx xls xlsx ppt",
    "pptx odt ods mp3 mp4 m4a wav ogg flac webm mov avi mkv zip gz tgz bz2 xz zst 7z rar tar jar",
    "war whl egg nupkg vsix apk ipa dmg iso deb rpm exe dll so dylib lib a o obj class pyc pyo pyd",
    "wasm bin dat db sqlite sqlite3 mdb parquet feather npy npz pkl h5 onnx pt pth safetensors gguf",
    "ttf otf woff woff2 eot map lock log csv tsv jsonl ndjson snap pack idx state suo pdb ilk",
    // Text that a program writes for itself: base64, coordinates, hashes and the like.
    "ipynb nb lockb lockfile ambr tsbuildinfo drawio dio excalidraw svgz rtf ps pbxproj xcscheme",
    "storyboard xib resx geojson topojson gltf glb stl ply mtl dxf fbx unity prefab meta har pem crt",
    "cer key p7b asc gpg pgp sig pub tfstate cpuprofile heapsnapshot lcov sarif hex srec uf2 swp mo",
  ].flatMap((line) => line.split(" ")),
);

const generatedName =
  /(?:[.-]min\.(?:js|mjs|cjs|css|html?|json|xml)|\.bundle\.js|\.chunk\.js|\.(?:pb|pb2|pb3)\.[a-z]+|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.(?:g|freezed|gen|generated|designer)\.[a-z]+|^(?:package-lock|npm-shrinkwrap|composer\.lock|pnpm-lock)\.(?:json|yaml)|^packages\.lock\.json|^Package\.resolved|^\.pnp\.(?:cjs|loader\.mjs|data\.json)|^\.terraform\.lock\.hcl|^\.(?:es|style)lintcache|^go(?:\.work)?\.sum)$/i;

/** UTF-16 units of a line, and of the average line, above which a text counts as minified. */
const longLine = 2000;
const longAverage = 200;

export function isOtherFolder(name: string): boolean {
  return otherFolders.has(name) || otherFolder.test(name);
}

/** Whether a folder's name is that of a build tool's output, which is left out in a root and beside a manifest. */
export function mayBeOutput(name: string): boolean {
  return outputFolder.test(name);
}

/** Whether files in a folder of a name are mostly no files of the project. */
export function isMostlyOthers(name: string): boolean {
  return isOtherFolder(name) || mayBeOutput(name);
}

/**
 * Whether a folder is where a build tool puts its output.
 *
 * @param name one that `mayBeOutput`
 * @param beside the names in the folder that it is in
 */
export function isOutput(name: string, beside: readonly string[]): boolean {
  const marks = name === "target" ? targetManifest : manifest;
  return beside.some((other) => marks.test(other));
}

/** Whether a file's name alone shows that it is binary or generated. */
export function isOtherFile(name: string): "binary" | "generated" | undefined {
  if (generatedName.test(name)) return "generated";
  // A submodule's `.git` is a file with the path of its data.
  if (name === ".git") return "binary";
  const ending = posix.extname(name).slice(1).toLowerCase();
  return binaryEndings.has(ending) ? "binary" : undefined;
}

/** Whether a text was written by a program: marked as generated, or minified. */
export function isGenerated(text: string): boolean {
  if (isMarkedGenerated(text)) return true;
  let lines = 1;
  let longest = 0;
  for (let start = 0; start < text.length; lines++) {
    const end = text.indexOf("\n", start);
    longest = Math.max(longest, (end < 0 ? text.length : end) - start);
    if (end < 0) break;
    start = end + 1;
  }
  return longest > longLine && text.length > longAverage * lines;
}
