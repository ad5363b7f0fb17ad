import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { engineFlags } from "../../src/protocol";

const root = join(__dirname, "../..");

/**
 * Runs a program of this folder as the product's are run: in one file, without a compiler beside it
 * in memory.
 *
 * @returns what it prints
 */
export function runBundled(name: string, args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const program = join(folder, `${name}.js`);
    buildSync({
      entryPoints: [join(__dirname, `${name}.ts`)],
      bundle: true,
      platform: "node",
      external: ["onnxruntime-node"],
      define: { __dirname: JSON.stringify(__dirname) },
      outfile: program,
      logLevel: "error",
    });
    return execFileSync(process.execPath, [...engineFlags, program, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NODE_PATH: join(root, "node_modules") },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
