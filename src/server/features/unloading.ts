import type { Session } from "../session";
import { saveStates } from "./states";

type Parts = Pick<
  Session,
  "documents" | "models" | "runner" | "settings" | "folders"
>;

/**
 * Frees the models after some time without requests, edits and reading ahead. Their states are saved
 * before, if a folder for that is set. The next request loads its model again.
 */
export class Unloading {
  private timer: NodeJS.Timeout | undefined;
  private abort = new AbortController();

  /** @param afterMs milliseconds without any work; 0: models stay */
  constructor(
    private readonly parts: Parts,
    private readonly afterMs: number,
  ) {}

  /** Starts the time: everything is read, and nothing is requested. */
  later(): void {
    this.stop();
    if (this.afterMs === 0) return;
    const { signal } = this.abort;
    this.timer = setTimeout(() => void this.run(signal), this.afterMs);
    this.timer.unref();
  }

  /** Stops the time: something is requested or has changed. */
  stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { documents, models, runner } = this.parts;
    try {
      for (const open of documents.all())
        await saveStates(this.parts, open, signal);
    } catch {
      // The network will read again what could not be saved.
    }
    if (signal.aborted) return;
    // The work that keeps the engine busy starts reading ahead when it ends, and that starts the time.
    if (!runner.isIdle) return;
    for (const open of documents.all())
      for (const model of models.loaded()) open.dropWindows(model);
    await models.retain(new Set());
  }
}
