/**
 * Builds the language server and the command line as an npm package, for editors that are not
 * VS Code; prints the tarball's path:
 *
 *     npm run package:npm
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../esbuild.mjs";
import { thirdPartyNotices } from "./notices.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "build", "npm");
const files = [
  "README.md",
  "README.zh-cn.md",
  "CHANGELOG.md",
  "LICENSE",
  "media/model",
  "dist/server.js",
  "dist/complete.js",
  "dist/models.js",
  "dist/importChild.js",
];

const notices = await thirdPartyNotices(root, await build());
await rm(folder, { recursive: true, force: true });
for (const path of files) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(join(root, path), join(folder, path), { recursive: true });
}
await writeFile(join(folder, "THIRD-PARTY-NOTICES.txt"), notices);

const { name, version, license, keywords, bin, engines, dependencies } =
  JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const manifest = {
  name,
  version,
  description: "A language server that completes code with a local RWKV model.",
  license,
  keywords,
  bin,
  engines: { node: engines.node },
  // All others are in the bundles.
  dependencies: { "onnxruntime-node": dependencies["onnxruntime-node"] },
};
await writeFile(
  join(folder, "package.json"),
  JSON.stringify(manifest, undefined, 2) + "\n",
);
const packed = execFileSync(
  "npm",
  ["pack", "--silent", "--pack-destination", join(root, "build")],
  {
    cwd: folder,
    encoding: "utf8",
    // npm is a script of the shell on Windows.
    shell: process.platform === "win32",
  },
);
await rm(folder, { recursive: true });
console.log(join(root, "build", packed.trim()));
