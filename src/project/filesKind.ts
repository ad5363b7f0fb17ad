import { posix } from "node:path";
import { isMarkedGenerated } from "./filesGenerated";

/** Folders of dependencies and of generated files, whether or not git lists them. */
const otherFolders = new Set(
  [
    ".git .hg .svn .jj node_modules bower_components jspm_packages vendor vendored third_party",
    "dist build target out .venv venv site-packages __pycache__ __pypackages__ .tox .nox .eggs",
    ".mypy_cache .pytest_cache .ruff_cache .gradle .idea .vs .vscode-test .next .nuxt .output",
    ".svelte-kit .angular .turbo .parcel-cache .cache coverage .nyc_output htmlcov Pods",
    "DerivedData .dart_tool .terraform .bundle elm-stuff deps_build _build .stack-work .yarn",
  ].flatMap((line) => line.split(" ")),
);
const otherFolder =
  /^(?:cmake-build-|bazel-)|\.(?:egg-info|dist-info|xcassets)$/;

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
  ].flatMap((line) => line.split(" ")),
);

const generatedName =
  /(?:[.-]min\.(?:js|mjs|cjs|css)|\.bundle\.js|\.chunk\.js|\.(?:pb|pb2|pb3)\.[a-z]+|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.(?:g|freezed|gen|generated|designer)\.[a-z]+|^(?:package-lock|npm-shrinkwrap|composer\.lock|pnpm-lock)\.(?:json|yaml)|^go\.sum)$/i;

/** UTF-16 units of a line, and of the average line, above which a text counts as minified. */
const longLine = 2000;
const longAverage = 200;

export function isOtherFolder(name: string): boolean {
  return otherFolders.has(name) || otherFolder.test(name);
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
