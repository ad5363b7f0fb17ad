import type { Surroundings } from "./context";
import { orAborted } from "./orAborted";
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
  /** What is to be shown so far; the generation goes on. */
  readonly onPart: (suggestion: Suggestion) => void;
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
  /** Whether it goes on behind a part that requests are answered with. */
  goesOn: boolean;
  /** Whether a request was answered with that. */
  isAnswered: boolean;
  /** Called once each when there is more of it. */
  readonly onPart: Set<() => void>;
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
    // What goes on behind its first part has its answer; see `more`.
    if (flight.goesOn) return undefined;
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
    let resolve: (suggestion: Suggestion) => void = () => undefined;
    const first = new Promise<Suggestion>((resolved) => (resolve = resolved));
    const whole = this.runner.run("suggestion", abort.signal, (runSignal) =>
      generate(runSignal, {
        onText: (text) => {
          flight.known = { ...flight.known, text };
        },
        onPart: (suggestion) => {
          flight.goesOn = true;
          resolve(suggestion);
          for (const tell of flight.onPart) tell();
          flight.onPart.clear();
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
      goesOn: false,
      isAnswered: false,
      onPart: new Set(),
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
    return this.flight?.goesOn === true;
  }

  /**
   * Stops a generation that goes on behind what was shown of it, unless the text before the cursor
   * follows it.
   *
   * @param context not given: it does not
   */
  stopUnlessFollowed(uri?: string, context?: Surroundings): void {
    const { flight } = this;
    if (!flight?.goesOn) return;
    if (
      uri === undefined ||
      context === undefined ||
      !follows(flight, uri, context)
    )
      flight.abort.abort(new NoSuggestion("superseded"));
  }

  /**
   * Waits for more of a generation that goes on behind what was shown of it.
   *
   * @returns whether there may be more now; false at once if the text before the cursor does not
   *   follow one
   * @throws the signal's reason when it is aborted
   */
  async more(
    uri: string,
    context: Surroundings,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { flight } = this;
    if (!flight?.goesOn || flight.abort.signal.aborted) return false;
    if (!follows(flight, uri, context)) return false;
    const part = new Promise<void>((resolve) => flight.onPart.add(resolve));
    await orAborted(Promise.race([settled(flight.whole), part]), signal);
    return true;
  }

  private async wait(flight: Flight, signal: AbortSignal): Promise<Suggestion> {
    flight.waiting++;
    try {
      const generated = await orAborted(flight.result, signal);
      // A generation that was stopped gives nothing, even if it ended before it noticed.
      flight.abort.signal.throwIfAborted();
      flight.isAnswered = !signal.aborted;
      return generated;
    } finally {
      const goesOn = flight.goesOn && flight.isAnswered;
      if (--flight.waiting === 0 && !goesOn) flight.abort.abort(signal.reason);
    }
  }
}

/** Whether the text before the cursor is the one of a generation, with some of its text typed. */
function follows(flight: Flight, uri: string, context: Surroundings): boolean {
  return flight.uri === uri && remainder(flight.known, context) !== undefined;
}
