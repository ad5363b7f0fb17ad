import type { Surroundings } from "./context";
import { NoSuggestion, type NoSuggestionReason } from "./reasons";
import {
  continued,
  hasSameAfter,
  remainder,
  type Continued,
} from "./typedThrough";

/** What runs in the lane; reading ahead is there for when nothing else is. */
type Kind = "suggestion" | "generate" | "reading";

/**
 * The way to the engine: at most one generation runs at a time. A newer one makes the running one
 * stop with the reason "superseded" and starts when that has ended.
 */
export class Runner {
  private newest = 0;
  private waiting = 0;
  private waitingGenerate = 0;
  private running:
    { kind: Kind; abort: AbortController; ended: Promise<void> } | undefined;

  /** What runs now, or is to run next: a command that waits its turn is not overtaken by a key. */
  get kind(): Kind | undefined {
    return this.waitingGenerate > 0 ? "generate" : this.running?.kind;
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.running === undefined && this.waiting === 0;
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

  /** Stops what runs; resolves when nothing does any more. */
  async stop(reason: NoSuggestion): Promise<void> {
    const { running } = this;
    running?.abort.abort(reason);
    await running?.ended;
  }
}

/** What a generation brought. */
export interface Generated {
  /** What is fit to be shown after the cursor, line ends as LF. */
  readonly text: string;
  /** Why that is nothing. */
  readonly dropped?: NoSuggestionReason | undefined;
  readonly stop: string;
  readonly prefilled: number;
  readonly decoded: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

type Generate = (
  signal: AbortSignal,
  onText: (text: string) => void,
) => Promise<Generated>;

interface Flight {
  readonly uri: string;
  /** The place and the text so far. */
  known: Continued;
  readonly abort: AbortController;
  readonly result: Promise<Generated>;
  /** Requests that wait for it; when the last gives up, it stops. */
  waiting: number;
}

/** The suggestion being generated. Typing what it has generated so far does not start a new one. */
export class InFlight {
  private flight: Flight | undefined;

  constructor(private readonly runner: Runner) {}

  /** Shares the running generation if the text before the cursor follows it; else undefined. */
  join(
    uri: string,
    context: Surroundings,
    signal: AbortSignal,
  ): Promise<Generated> | undefined {
    const { flight } = this;
    if (flight?.uri !== uri || flight.abort.signal.aborted) return undefined;
    if (!hasSameAfter(flight.known, context)) return undefined;
    const left = remainder(flight.known, context);
    if (left === undefined) return undefined;
    const typed = flight.known.text.length - left.length;
    return this.wait(flight, signal).then(({ text, stop }) => {
      const rest = text.slice(typed);
      return {
        text: rest,
        stop,
        prefilled: 0,
        decoded: 0,
        prefillMs: 0,
        decodeMs: 0,
      };
    });
  }

  /** Starts a generation, in place of the running one. */
  start(
    uri: string,
    context: Surroundings,
    signal: AbortSignal,
    generate: Generate,
  ): Promise<Generated> {
    const abort = new AbortController();
    const result = this.runner.run("suggestion", abort.signal, (runSignal) =>
      generate(runSignal, (text) => {
        flight.known = { ...flight.known, text };
      }),
    );
    const flight: Flight = {
      uri,
      known: continued(context, ""),
      abort,
      result,
      waiting: 0,
    };
    this.flight = flight;
    void settled(result).then(() => {
      if (this.flight === flight) this.flight = undefined;
    });
    return this.wait(flight, signal);
  }

  /** Stops the generation for a document, or whichever runs; resolves when it has ended. */
  async stop(reason: NoSuggestion, uri?: string): Promise<void> {
    const { flight } = this;
    if (flight === undefined || (uri !== undefined && flight.uri !== uri))
      return;
    flight.abort.abort(reason);
    await settled(flight.result);
  }

  private async wait(flight: Flight, signal: AbortSignal): Promise<Generated> {
    flight.waiting++;
    let giveUp: () => void = () => undefined;
    const gaveUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error);
    });
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    try {
      const generated = await Promise.race([flight.result, gaveUp]);
      // Whoever stopped it wants nothing of it, though it had come to its end.
      flight.abort.signal.throwIfAborted();
      return generated;
    } finally {
      signal.removeEventListener("abort", giveUp);
      if (--flight.waiting === 0) flight.abort.abort(signal.reason);
    }
  }
}

/** Resolves when a promise has settled, either way. */
function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  );
}
