import { fork } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type {
  ImportOptions,
  ImportProgress,
  ImportReport,
} from "./importModel";
import { message, type Message } from "../../messages";
import { ModelError } from "../modelError";
import {
  writePackageFolder,
  type PartialFolder,
} from "../package/packageFolder";

/** What the child is asked to do. */
export interface ImportRequest {
  source: string;
  /** Where to write; the child removes it when the process that has asked is gone. */
  partial: PartialFolder;
  options: Omit<ImportOptions, "signal" | "onProgress">;
}

/** What the child says. */
export type ImportMessage =
  | { kind: "progress"; progress: ImportProgress }
  | { kind: "done"; report: ImportReport }
  | { kind: "failed"; told: Message };

/**
 * `importModel` in a process of its own: the caller stays responsive, a cancellation takes effect at
 * once, and the memory is given back. The package gets into its place, or is removed, here: so a child
 * may be killed at any time.
 *
 * @throws ModelError with one sentence that names the fix
 * @throws the signal's reason when it is aborted
 */
export async function importInChild(
  source: string,
  folder: string,
  options: ImportOptions,
): Promise<ImportReport> {
  options.signal.throwIfAborted();
  return writePackageFolder(folder, (partial) =>
    runChild(source, partial, options),
  );
}

async function runChild(
  source: string,
  partial: PartialFolder,
  { signal, onProgress, ...options }: ImportOptions,
): Promise<ImportReport> {
  const { program, execArgv } = childProgram();
  // Standard output may be the channel of a language server: the child has no part in it.
  const child = fork(program, [], {
    execArgv,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const stop = () => child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  let last: ImportMessage | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", () => resolve());
      child.on("message", (said: ImportMessage) => {
        last = said;
        if (said.kind === "progress") onProgress?.(said.progress);
      });
      child.send({ source, partial, options } satisfies ImportRequest);
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  if (last?.kind === "done") return last.report;
  if (last?.kind === "failed") throw new ModelError(last.told);
  const how = child.signalCode ?? message("exit code", String(child.exitCode));
  throw new ModelError({ code: "import ended", args: [source, how] });
}

/** Beside this file: TypeScript where this runs from its source, else the bundle. */
function childProgram(): { program: string; execArgv: string[] } {
  const fromSource = __filename.endsWith(".ts");
  return {
    program: join(__dirname, fromSource ? "importChild.ts" : "importChild.js"),
    execArgv: [
      "--expose-gc",
      ...(fromSource
        ? ["--require", createRequire(__filename).resolve("tsx/cjs")]
        : []),
    ],
  };
}
