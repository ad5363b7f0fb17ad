/**
 * Looks into packages:
 *
 *     node scripts/vsix.mjs build/*.vsix    what is wrong with them, if anything
 */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { openPromise } from "yauzl";
import { grammarFiles, targets } from "./targets.mjs";

const megabyte = 1e6;
/** Bytes; a package must be smaller. */
const sizeLimit = 80 * megabyte;

const required = [
  "extension.vsixmanifest",
  "extension/package.json",
  "extension/package.nls.json",
  "extension/package.nls.zh-cn.json",
  "extension/l10n/bundle.l10n.zh-cn.json",
  "extension/readme.md",
  "extension/changelog.md",
  "extension/LICENSE.txt",
  "extension/THIRD-PARTY-NOTICES.txt",
  "extension/media/icon.png",
  "extension/media/model/manifest.json",
  "extension/media/model/model.onnx",
  "extension/dist/extension.js",
  "extension/dist/client.js",
  "extension/dist/browser.js",
  "extension/dist/server.js",
  "extension/dist/complete.js",
  "extension/dist/models.js",
  "extension/dist/importChild.js",
  "extension/dist/node_modules/onnxruntime-node/package.json",
  "extension/dist/node_modules/onnxruntime-common/package.json",
  "extension/dist/node_modules/web-tree-sitter/web-tree-sitter.js",
  "extension/dist/node_modules/web-tree-sitter/web-tree-sitter.wasm",
  "extension/dist/node_modules/@vscode/tree-sitter-wasm/package.json",
  ...grammarFiles.map((file) => `extension/dist/node_modules/${file}`),
];

/** Files that must not be shipped. */
const forbidden = [
  /\/src\//,
  /\.ts$/,
  /\.map$/,
  /\/test\//,
  /\/training\//,
  /\/scripts?\//,
  /\.env/,
  /\.vsix$/,
];

/**
 * Names and sizes of the files in a package.
 * @param {string} path
 */
async function listVsix(path) {
  const zip = await openPromise(path);
  /** @type {{name: string, size: number}[]} */
  const files = [];
  for await (const entry of zip.eachEntry())
    files.push({ name: entry.fileName, size: entry.uncompressedSize });
  return files;
}

/**
 * What is wrong with a package, as sentences; empty when nothing is.
 * @param {string} path
 */
export async function checkVsix(path) {
  const name = basename(path);
  const target = targets.find((candidate) => name.includes(`-${candidate}-`));
  if (!target) return [`${name} names no known target`];
  const problems = [];
  const { size } = await stat(path);
  if (size >= sizeLimit)
    problems.push(`${name} has ${(size / megabyte).toFixed(1)} MB`);
  const files = (await listVsix(path)).map((file) => file.name);
  for (const file of required)
    if (!files.includes(file)) problems.push(`${name} lacks ${file}`);
  for (const file of files) {
    if (forbidden.some((pattern) => pattern.test(file)))
      problems.push(`${name} must not hold ${file}`);
  }
  const [platform, arch] = target.split("-");
  const native = files.filter((file) =>
    /\.(node|dll|dylib|so(\.\d+)*)$/.test(file),
  );
  const foreign = native.filter(
    (file) => !file.includes(`/napi-v6/${platform}/${arch}/`),
  );
  for (const file of foreign)
    problems.push(`${name} holds ${file} of another platform`);
  if (native.length - foreign.length !== 2) {
    problems.push(
      `${name} should hold the binding and one library, not ${native.join(", ") || "none"}`,
    );
  }
  return problems;
}

/** @param {string[]} paths */
async function main(paths) {
  const problems = (await Promise.all(paths.map(checkVsix))).flat();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

// No top-level await: the tests load this file as CommonJS.
if (process.argv[1] === fileURLToPath(import.meta.url))
  void main(process.argv.slice(2));
