import { detailOf, message, type Message } from "../../messages";
import { ModelError } from "../modelError";
import { removePartial } from "../package/packageFolder";
import { importInto } from "./importModel";
import type { ImportMessage, ImportRequest } from "./importProcess";

/** The process that `importInChild` starts: one import, told by a message, then it ends. */
process.once("message", (request: ImportRequest) => void run(request));

const parent = process.ppid;

async function run({ source, partial, options }: ImportRequest): Promise<void> {
  const abort = new AbortController();
  // The parent has ended, so this process has to clean up.
  const orphaned = () => abort.abort(new Error("cancelled"));
  process.once("disconnect", orphaned);
  let shown = 0;
  try {
    const report = await importInto(source, partial.path, {
      ...options,
      signal: abort.signal,
      onProgress(progress) {
        // No message is read while tensors are written, but `ppid` shows that the parent has ended.
        if (process.ppid !== parent) {
          orphaned();
          abort.signal.throwIfAborted();
        }
        const now = performance.now();
        if (now - shown < 50 && progress.done < progress.total) return;
        shown = now;
        send({ kind: "progress", progress });
      },
    });
    abort.signal.throwIfAborted();
    sendLast({ kind: "done", report });
  } catch (error) {
    if (abort.signal.aborted) removePartial(partial);
    sendLast({ kind: "failed", told: toldOf(error) });
  }
}

function toldOf(error: unknown): Message {
  if (error instanceof ModelError) return error.told;
  return message("import failed", detailOf(error));
}

function send(said: ImportMessage): void {
  // The callback takes errors; "disconnect" reports that the parent has ended.
  process.send?.(said, () => undefined);
}

/** Lets the process end when the message is out. */
function sendLast(said: ImportMessage): void {
  process.removeAllListeners("disconnect");
  process.send?.(said, () => {
    if (process.connected) process.disconnect();
  });
}
