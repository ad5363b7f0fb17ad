/**
 * Runs a program of the checkout, built anew when a source is newer, and prints nothing of its own:
 *
 *     npm run -s complete -- FILE:LINE:COL --json
 *     npm run -s import -- FILE --out DIR
 */
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...args] = process.argv.slice(2);
const program = join(root, "dist", `${name}.js`);

/** @param {string} path */
async function changed(path) {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** @param {string} folder in the repository */
async function sourcesIn(folder) {
  const names = await readdir(join(root, folder), { recursive: true });
  return names
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(root, folder, path));
}

async function isStale() {
  const built = await changed(program);
  // What compares the engine with references lies among the tests.
  const folders = name === "conformance" ? ["src", "test"] : ["src"];
  const sources = (await Promise.all(folders.map(sourcesIn))).flat();
  const times = await Promise.all(sources.map(changed));
  return times.some((time) => time > built);
}

if (await isStale()) {
  // esbuild is only loaded, and only needed, for this.
  const { build } = await import("../esbuild.mjs");
  await build();
}
// npm runs scripts in the repository; file names are meant from where the user stands.
const child = spawn(process.execPath, [program, ...args], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: "inherit",
});
// Ctrl+C reaches the program as well, which may have to clean up; this only waits for it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("close", (code) => (process.exitCode = code ?? 1));
