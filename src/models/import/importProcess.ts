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

/** The message to the child. */
export interface ImportRequest {
  source: string;
  /** Where to write. The child removes it only if the parent process has ended. */
  partial: PartialFolder;
  options: Omit<ImportOptions, "signal" | "onProgress">;
}

/** The messages from the child. */
export type ImportMessage =
  | { kind: "progress"; progress: ImportProgress }
  | { kind: "done"; report: ImportReport }
  | { kind: "failed"; told: Message };

/**
 * Makes a model package in `folder` from a checkpoint, in a child process (`importInto`). So the caller
 * stays responsive, a cancellation takes effect at once, and all memory is freed afterwards. This
 * process renames or removes the partial folder, so the child can be killed at any time. `folder`
 * appears when the package is complete; after a failure or a cancellation nothing is left.
 *
 * @param source path of the checkpoint
 * @throws ModelError with one sentence that names the cause and what to do
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
  // Standard output may carry the messages of a language server, so the child must not write to it.
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

/** The child's program, beside this file: TypeScript if this is the source, else a bundle. */
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
