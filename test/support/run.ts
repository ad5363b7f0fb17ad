import { spawn } from "node:child_process";

/** Runs a TypeScript entry of the project in a process of its own and waits for its end. */
export function run(
  entry: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["-r", "tsx/cjs", entry, ...args]);
    const output = { stdout: "", stderr: "" };
    child.stdout.on(
      "data",
      (data: Buffer) => (output.stdout += data.toString()),
    );
    child.stderr.on(
      "data",
      (data: Buffer) => (output.stderr += data.toString()),
    );
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}
