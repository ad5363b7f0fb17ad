import { importModel } from "./importModel";
import type { ImportMessage, ImportRequest } from "./importProcess";

/** The process that `importInChild` starts: one import, told by a message, then it ends. */
process.once("message", (request: ImportRequest) => void run(request));

async function run({ source, folder, options }: ImportRequest): Promise<void> {
  const abort = new AbortController();
  // Whoever has asked is gone.
  process.once("disconnect", () => abort.abort(new Error("cancelled")));
  let shown = 0;
  try {
    const report = await importModel(source, folder, {
      ...options,
      signal: abort.signal,
      onProgress(progress) {
        const now = performance.now();
        if (now - shown < 50 && progress.done < progress.total) return;
        shown = now;
        send({ kind: "progress", progress });
      },
    });
    sendLast({ kind: "done", report });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    sendLast({ kind: "failed", message });
  }
}

function send(message: ImportMessage): void {
  // With a listener an error stays here: "disconnect" has it that whoever has asked is gone.
  process.send?.(message, () => undefined);
}

/** Lets the process end when the message is out. */
function sendLast(message: ImportMessage): void {
  process.removeAllListeners("disconnect");
  process.send?.(message, () => {
    if (process.connected) process.disconnect();
  });
}
