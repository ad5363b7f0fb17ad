import type { Session } from "../session";
import { saveStates } from "./states";

type Parts = Pick<
  Session,
  "documents" | "models" | "runner" | "settings" | "folders"
>;

/**
 * Frees the models after some time without requests, edits and reading. Their states are saved if they
 * are kept on disk; the next request loads a model again.
 */
export class Unloading {
  private timer: NodeJS.Timeout | undefined;
  private abort = new AbortController();

  /** @param afterMs milliseconds without any work; 0: models stay */
  constructor(
    private readonly parts: Parts,
    private readonly afterMs: number,
  ) {}

  /** All is read and nothing is requested: the time starts now. */
  later(): void {
    this.stop();
    if (this.afterMs === 0) return;
    const { signal } = this.abort;
    this.timer = setTimeout(() => void this.run(signal), this.afterMs);
    this.timer.unref();
  }

  /** Something is asked or has changed. */
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
      // What could not be saved is read again.
    }
    if (signal.aborted) return;
    // The work that keeps the engine busy starts reading afterwards, and this time anew.
    if (!runner.isIdle) return;
    for (const open of documents.all())
      for (const model of models.loaded()) open.dropWindows(model);
    await models.retain(new Set());
  }
}
