import { detailOf, message, type Message } from "../../messages";
import { ModelError } from "../modelError";
import { removePartial } from "../package/packageFolder";
import { importInto } from "./importModel";
import type { ImportMessage, ImportRequest } from "./importProcess";

/** The program of the process that `importInChild` starts. It runs the import of its first message. */
process.once("message", (request: ImportRequest) => void run(request));

const parent = process.ppid;

async function run({ source, partial, options }: ImportRequest): Promise<void> {
  const abort = new AbortController();
  // When the parent has ended, this process has to remove the partial folder.
  const orphaned = () => abort.abort(new Error("cancelled"));
  process.once("disconnect", orphaned);
  let shown = 0;
  try {
    const report = await importInto(source, partial.path, {
      ...options,
      signal: abort.signal,
      onProgress(progress) {
        // Writing tensors blocks the event loop, so "disconnect" would come too late; `ppid` changes
        // as soon as the parent has ended.
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

/** The message for the user; an unexpected error becomes part of a sentence. */
function toldOf(error: unknown): Message {
  if (error instanceof ModelError) return error.told;
  return message("import failed", detailOf(error));
}

function send(said: ImportMessage): void {
  // The callback ignores a closed channel: "disconnect" reports that the parent has ended.
  process.send?.(said, () => undefined);
}

/** Sends the result. When it is sent, the process disconnects and can end. */
function sendLast(said: ImportMessage): void {
  process.removeAllListeners("disconnect");
  process.send?.(said, () => {
    if (process.connected) process.disconnect();
  });
}
