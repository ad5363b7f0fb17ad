import { NoSuggestion } from "./reasons";

/** Kinds of work on the engine. Reading ahead starts only while nothing else runs. */
type Kind = "suggestion" | "generate" | "reading";

/**
 * Lets one job at a time use the engine. A newer job stops the running one with the reason
 * "superseded" and starts when that has ended.
 */
export class Runner {
  private newest = 0;
  private waiting = 0;
  private waitingGenerate = 0;
  private running:
    { kind: Kind; abort: AbortController; ended: Promise<void> } | undefined;

  /** The running kind; "generate" while that waits, so that no keystroke supersedes the command. */
  get kind(): Kind | undefined {
    return this.waitingGenerate > 0 ? "generate" : this.running?.kind;
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.running === undefined && this.waiting === 0;
  }

  /** Resolves when nothing runs. */
  async whenIdle(): Promise<void> {
    while (this.running !== undefined) await this.running.ended;
  }

  async run<T>(
    kind: Kind,
    signal: AbortSignal,
    job: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const turn = ++this.newest;
    while (this.running !== undefined) {
      this.running.abort.abort(new NoSuggestion("superseded"));
      this.waiting++;
      if (kind === "generate") this.waitingGenerate++;
      await this.running.ended;
      this.waiting--;
      if (kind === "generate") this.waitingGenerate--;
      if (turn !== this.newest) throw new NoSuggestion("superseded");
    }
    signal.throwIfAborted();
    const abort = new AbortController();
    const work = job(AbortSignal.any([signal, abort.signal]));
    const running = { kind, abort, ended: settled(work) };
    this.running = running;
    try {
      return await work;
    } finally {
      if (this.running === running) this.running = undefined;
    }
  }

  /** Stops the running job; resolves when it has ended. */
  async stop(reason: NoSuggestion): Promise<void> {
    const { running } = this;
    running?.abort.abort(reason);
    await running?.ended;
  }
}

/** Resolves when a promise has settled, either way. */
export function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  );
}
