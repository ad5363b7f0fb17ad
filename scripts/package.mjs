/**
 * Builds and packages the extension, one `.vsix` a platform:
 *
 *     npm run package                     all platforms
 *     npm run package -- linux-x64 …      only those
 */
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { build } from "../esbuild.mjs";
import { thirdPartyNotices } from "./notices.mjs";
import { grammarFiles, nativeFiles, targets } from "./targets.mjs";
import { checkVsix } from "./vsix.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Files and folders that are shipped as they are. */
const shipped = [
  "README.md",
  "README.zh-cn.md",
  "CHANGELOG.md",
  "LICENSE",
  "package.nls.json",
  "package.nls.zh-cn.json",
  "l10n",
  "media",
  "dist/extension.js",
  "dist/client.js",
  "dist/browser.js",
  "dist/server.js",
  "dist/complete.js",
  "dist/models.js",
  "dist/importChild.js",
];

/**
 * Copies part of a repository or package.
 * @param {string} from
 * @param {string} to
 * @param {string[]} paths
 */
async function copy(from, to, paths) {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(from, path), join(to, path), { recursive: true });
  }
}

/**
 * Lays out exactly what a package holds. The native runtime lies beside the bundles that require
 * it, without the packages that only its installation script uses.
 * @param {string} target
 * @param {string} notices
 */
async function stage(target, notices) {
  const folder = join(root, "build", target);
  await rm(folder, { recursive: true, force: true });
  await copy(
    root,
    folder,
    shipped.filter((path) => existsSync(join(root, path))),
  );
  await copy(root, folder, [".vscodeignore"]);
  await writeFile(join(folder, "THIRD-PARTY-NOTICES.txt"), notices);

  const {
    devDependencies: _d,
    dependencies: _p,
    scripts: _s,
    private: _v,
    ...manifest
  } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify(manifest, undefined, 2) + "\n",
  );

  const from = join(root, "node_modules");
  const modules = join(folder, "dist", "node_modules");
  const runtime = join(from, "onnxruntime-node");
  await copy(runtime, join(modules, "onnxruntime-node"), [
    ...[
      "package.json",
      "dist/index.js",
      "dist/backend.js",
      "dist/binding.js",
      "dist/version.js",
    ],
    ...(await nativeFiles(runtime, target)),
  ]);
  await copy(from, modules, [
    "onnxruntime-common/package.json",
    "onnxruntime-common/dist/cjs",
    "web-tree-sitter/package.json",
    "web-tree-sitter/web-tree-sitter.js",
    "web-tree-sitter/web-tree-sitter.wasm",
    "@vscode/tree-sitter-wasm/package.json",
    ...grammarFiles,
  ]);
  return folder;
}

/**
 * Builds once, then makes and checks a package for each target.
 * @param {string[]} chosen
 * @returns {Promise<string[]>} the paths
 */
export async function packageTargets(chosen) {
  const unknown = chosen.filter((target) => !targets.includes(target));
  if (unknown.length > 0)
    throw new Error(
      `no such target: ${unknown.join(", ")}; there are ${targets.join(", ")}`,
    );
  const notices = await thirdPartyNotices(root, await build());
  const { version } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const made = [];
  for (const target of chosen) {
    const folder = await stage(target, notices);
    const packagePath = join(
      root,
      "build",
      `rwkv-code-${target}-${version}.vsix`,
    );
    await rm(packagePath, { force: true });
    await createVSIX({
      cwd: folder,
      packagePath,
      target,
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    await rm(folder, { recursive: true });
    const problems = await checkVsix(packagePath);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    const { size } = await stat(packagePath);
    console.log(`${packagePath}  ${(size / 1e6).toFixed(1)} MB`);
    made.push(packagePath);
  }
  return made;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const named = process.argv.slice(2);
  await packageTargets(named.length > 0 ? named : targets).catch(
    (/** @type {unknown} */ error) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
