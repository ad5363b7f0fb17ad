import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The platforms that get a package: those that onnxruntime-node ships CPU kernels for. */
export const targets = [
  "linux-x64",
  "linux-arm64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
];

/** The target this machine runs, or undefined. */
export function ownTarget() {
  return targets.find(
    (target) => target === `${process.platform}-${process.arch}`,
  );
}

/**
 * Native files that the CPU kernels never load: DirectML and the shader compiler serve the GPU
 * (onnxruntime.dll names DirectML among its delayed imports only), and macOS finds the library
 * under its short name, of which the long one is a copy.
 */
const needless = [
  /^DirectML\.dll$/,
  /^dxcompiler\.dll$/,
  /^dxil\.dll$/,
  /^libonnxruntime\.\d+\.\d+.*\.dylib$/,
];

/**
 * The native files of one target, relative to the package of onnxruntime-node.
 * @param {string} onnxruntime folder of the package
 * @param {string} target
 */
export async function nativeFiles(onnxruntime, target) {
  const folder = join("bin", "napi-v6", ...target.split("-"));
  const names = await readdir(join(onnxruntime, folder));
  const kept = names.filter(
    (name) => !needless.some((pattern) => pattern.test(name)),
  );
  if (!kept.includes("onnxruntime_binding.node"))
    throw new Error(`onnxruntime-node has no binding for ${target}`);
  return kept.map((name) => join(folder, name));
}

/** Grammars that are shipped: all that src/syntax/languages.ts names. */
export const grammars = [
  "bash",
  "c-sharp",
  "cpp",
  "css",
  "go",
  "java",
  "javascript",
  "php",
  "python",
  "ruby",
  "rust",
  "tsx",
  "typescript",
];

/** Their files, relative to node_modules. */
export const grammarFiles = grammars.map(
  (name) => `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`,
);
