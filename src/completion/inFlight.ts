import type { Surroundings } from "./context";
import { NoSuggestion } from "./reasons";
import { settled, type Runner } from "./runner";
import { fromOffset, type Suggestion } from "./suggestion";
import {
  continued,
  hasSameAfter,
  remainder,
  type Continued,
} from "./typedThrough";

/** Told of a generation while it runs. */
export interface Progress {
  /** The text so far. */
  readonly onText: (text: string) => void;
  /** What is to be shown first; the generation goes on. */
  readonly onFirst: (suggestion: Suggestion) => void;
}

type Generate = (
  signal: AbortSignal,
  progress: Progress,
) => Promise<Suggestion>;

interface Flight {
  readonly uri: string;
  /** The position and the text so far. */
  known: Continued;
  readonly abort: AbortController;
  /** What requests are answered with. */
  readonly result: Promise<Suggestion>;
  /** What is there when it has ended. */
  readonly whole: Promise<Suggestion>;
  /** Requests that wait for it; when the last gives up, it stops. */
  waiting: number;
  /** The first part, where it goes on behind that. */
  first: Suggestion | undefined;
  /** Whether a request was answered with the first part. */
  isAnswered: boolean;
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
  ): Promise<Suggestion> | undefined {
    const { flight } = this;
    if (flight?.uri !== uri || flight.abort.signal.aborted) return undefined;
    // What goes on behind its first part has no answer for now.
    if (flight.first !== undefined) return undefined;
    if (!hasSameAfter(flight.known, context)) return undefined;
    const left = remainder(flight.known, context);
    if (left === undefined) return undefined;
    const typed = flight.known.text.length - left.length;
    return this.wait(flight, signal).then((suggestion) =>
      fromOffset(suggestion, typed, "in flight"),
    );
  }

  /** Starts a generation, in place of the running one. */
  start(
    uri: string,
    context: Surroundings,
    signal: AbortSignal,
    generate: Generate,
  ): Promise<Suggestion> {
    const abort = new AbortController();
    let onFirst: (suggestion: Suggestion) => void = () => undefined;
    const first = new Promise<Suggestion>((resolve) => (onFirst = resolve));
    const whole = this.runner.run("suggestion", abort.signal, (runSignal) =>
      generate(runSignal, {
        onText: (text) => {
          flight.known = { ...flight.known, text };
        },
        onFirst: (suggestion) => {
          flight.first = suggestion;
          onFirst(suggestion);
        },
      }),
    );
    const flight: Flight = {
      uri,
      known: continued(context, ""),
      abort,
      result: Promise.race([first, whole]),
      whole,
      waiting: 0,
      first: undefined,
      isAnswered: false,
    };
    this.flight = flight;
    void settled(whole).then(() => {
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
    await settled(flight.whole);
  }

  /** Whether a generation goes on behind what was shown of it. */
  get isGoingOn(): boolean {
    return this.flight?.first !== undefined;
  }

  /**
   * Stops a generation that goes on behind what was shown of it, unless the text before the cursor
   * follows it.
   *
   * @param context not given: it does not
   */
  stopUnlessFollowed(uri?: string, context?: Surroundings): void {
    const { flight } = this;
    if (flight?.first === undefined) return;
    const isFollowed =
      flight.uri === uri &&
      context !== undefined &&
      remainder(flight.known, context) !== undefined;
    if (!isFollowed) flight.abort.abort(new NoSuggestion("superseded"));
  }

  private async wait(flight: Flight, signal: AbortSignal): Promise<Suggestion> {
    flight.waiting++;
    let giveUp: () => void = () => undefined;
    const gaveUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error);
    });
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    try {
      const generated = await Promise.race([flight.result, gaveUp]);
      // A generation that was stopped gives nothing, even if it ended before it noticed.
      flight.abort.signal.throwIfAborted();
      flight.isAnswered = !signal.aborted;
      return generated;
    } finally {
      signal.removeEventListener("abort", giveUp);
      const goesOn = flight.first !== undefined && flight.isAnswered;
      if (--flight.waiting === 0 && !goesOn) flight.abort.abort(signal.reason);
    }
  }
}
