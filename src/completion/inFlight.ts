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
  /** What requests are answered with while it goes on. */
  part: Suggestion | undefined;
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
    if (flight === undefined || flight.abort.signal.aborted) return undefined;
    // What goes on behind its first part has its answer; see `more`.
    if (flight.part !== undefined) return undefined;
    if (!hasSameAfter(flight.known, context)) return undefined;
    const typed = typedOf(flight, uri, context);
    if (typed === undefined) return undefined;
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
          flight.part = suggestion;
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
      part: undefined,
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
    return this.flight?.part !== undefined;
  }

  /**
   * Stops a generation that goes on behind what was shown of it, unless the text before the cursor
   * follows it.
   *
   * @param context not given: it does not
   */
  stopUnlessFollowed(uri?: string, context?: Surroundings): void {
    const { flight } = this;
    if (flight?.part === undefined) return;
    if (
      uri === undefined ||
      context === undefined ||
      typedOf(flight, uri, context) === undefined
    )
      flight.abort.abort(new NoSuggestion("superseded"));
  }

  /**
   * Waits for more of a generation that goes on, where all that was shown of it is typed.
   *
   * @param ms so long at most
   * @returns whether there may be more now
   * @throws the signal's reason when it is aborted
   */
  async more(
    uri: string,
    context: Surroundings,
    ms: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { flight } = this;
    if (flight?.part === undefined || flight.abort.signal.aborted) return false;
    const typed = typedOf(flight, uri, context);
    // What is left of it would have been remembered.
    if (typed === undefined || typed < flight.part.text.length) return false;
    const inTime = new Promise<boolean>((resolve) => {
      const isMore = () => resolve(true);
      setTimeout(() => resolve(false), ms).unref();
      flight.onPart.add(isMore);
      void settled(flight.whole).then(isMore);
    });
    return orAborted(inTime, signal);
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
      const goesOn = flight.part !== undefined && flight.isAnswered;
      if (--flight.waiting === 0 && !goesOn) flight.abort.abort(signal.reason);
    }
  }
}

/**
 * How much of a generation's text stands before the cursor, behind its place; undefined if something
 * else does.
 */
function typedOf(
  { uri, known }: Flight,
  ofRequest: string,
  context: Surroundings,
): number | undefined {
  const left = uri === ofRequest ? remainder(known, context) : undefined;
  return left === undefined ? undefined : known.text.length - left.length;
}
