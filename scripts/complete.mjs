/**
 * Runs the command line of the checkout, built anew when a source is newer:
 *
 *     npm run -s complete -- FILE:LINE:COL --json
 */
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, "dist", "complete.js");

/** @param {string} path */
async function changed(path) {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

async function isStale() {
  const built = await changed(program);
  const sources = await readdir(join(root, "src"), { recursive: true });
  const times = await Promise.all(
    sources
      .filter((name) => name.endsWith(".ts"))
      .map((name) => changed(join(root, "src", name))),
  );
  return times.some((time) => time > built);
}

if (await isStale()) {
  // esbuild is only loaded, and only needed, for this.
  const { build } = await import("../esbuild.mjs");
  await build();
}
// npm runs scripts in the repository; file names are meant from where the user stands.
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: "inherit",
});
child.on("close", (code) => (process.exitCode = code ?? 1));
