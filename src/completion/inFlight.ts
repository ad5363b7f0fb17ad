import type { CompletionContext, Surroundings } from "./context";
import { fingerprint } from "./fingerprint";
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
  /** A first or longer part to show while the generation goes on. */
  readonly onPart: (suggestion: Suggestion) => void;
}

export type Generate = (
  signal: AbortSignal,
  progress: Progress,
) => Promise<Suggestion>;

interface Flight {
  readonly uri: string;
  /** Of the inputs at its position (`fingerprint.ts`). */
  readonly fingerprint: string;
  /** The text so far and its surroundings. */
  known: Continued;
  readonly abort: AbortController;
  /** Answers requests: the first part, or the whole if that is sooner. */
  readonly result: Promise<Suggestion>;
  /** The complete suggestion. */
  readonly whole: Promise<Suggestion>;
  /** Number of requests that wait for it; when the last is cancelled, the generation stops. */
  waiting: number;
  /** The latest part shown while the generation goes on. */
  part: Suggestion | undefined;
  /** Whether a request was answered with a part. */
  isAnswered: boolean;
  /** Whether it was started before a request, and none has come since. */
  isAhead: boolean;
  /** Set once the generation has ended by itself. */
  complete: Suggestion | undefined;
  /** Each is called once, at the next part. */
  readonly onPart: Set<() => void>;
}

/** The suggestion being generated. A request after typing its text so far joins it. */
export class InFlight {
  private flight: Flight | undefined;

  constructor(private readonly runner: Runner) {}

  /**
   * Joins the running generation, or the one that was started ahead, if the user has typed its text so far;
   * else undefined.
   */
  join(
    uri: string,
    context: CompletionContext,
    signal: AbortSignal,
  ): Promise<Suggestion> | undefined {
    const joinable = this.joinable(uri, context);
    if (joinable === undefined) return undefined;
    const { flight, typed } = joinable;
    const isAhead = flight.isAhead;
    flight.isAhead = false;
    if (flight.complete !== undefined) this.flight = undefined;
    return this.wait(flight, signal).then((suggestion) =>
      isAhead && typed === 0
        ? suggestion
        : fromOffset(suggestion, typed, "in flight"),
    );
  }

  /** Whether a request would join a generation. */
  isJoinable(uri: string, context: CompletionContext): boolean {
    return this.joinable(uri, context) !== undefined;
  }

  private joinable(
    uri: string,
    context: CompletionContext,
  ): { flight: Flight; typed: number } | undefined {
    const { flight } = this;
    if (flight === undefined || flight.abort.signal.aborted) return undefined;
    // Once a part was shown, `more` waits for the next one.
    if (flight.part !== undefined && !flight.isAhead) return undefined;
    if (!hasSameAfter(flight.known, context)) return undefined;
    const typed = typedOf(flight, uri, context);
    if (typed === undefined) return undefined;
    if (flight.fingerprint !== fingerprint(context, typed)) return undefined;
    // All of it is typed: what comes next is to be generated.
    if (typed > 0 && typed === flight.complete?.text.length) return undefined;
    // The parts of a generation replace the one that was remembered, so that has to begin where they do.
    const isRunningAhead = flight.isAhead && flight.complete === undefined;
    return isRunningAhead && typed > 0 ? undefined : { flight, typed };
  }

  /** Starts a generation; it supersedes the running one. */
  start(
    uri: string,
    context: CompletionContext,
    signal: AbortSignal,
    generate: Generate,
  ): Promise<Suggestion> {
    return this.wait(this.launch(uri, context, generate), signal);
  }

  /**
   * Starts a generation before it is requested; it supersedes the running one. The next request joins it,
   * even if it has ended by then. An edit other than typing its text stops it and has it forgotten.
   * Resolves when a first part of it is there, or it has ended.
   */
  async startAhead(
    uri: string,
    context: CompletionContext,
    signal: AbortSignal,
    generate: Generate,
  ): Promise<void> {
    if (signal.aborted) return;
    const flight = this.launch(uri, context, generate);
    flight.isAhead = true;
    const stop = () => flight.abort.abort(signal.reason);
    signal.addEventListener("abort", stop);
    void settled(flight.whole).then(() =>
      signal.removeEventListener("abort", stop),
    );
    await settled(flight.result);
  }

  /** Whether a request for another document waits for a generation. */
  isAwaitedElsewhere(uri: string): boolean {
    const { flight } = this;
    return flight !== undefined && flight.uri !== uri && flight.waiting > 0;
  }

  private launch(
    uri: string,
    context: CompletionContext,
    generate: Generate,
  ): Flight {
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
      fingerprint: fingerprint(context, 0),
      known: continued(context, ""),
      abort,
      result: Promise.race([first, whole]),
      whole,
      waiting: 0,
      part: undefined,
      isAnswered: false,
      isAhead: false,
      complete: undefined,
      onPart: new Set(),
    };
    this.flight = flight;
    const completed = whole.then((suggestion) => {
      flight.complete = suggestion;
      flight.known = { ...flight.known, text: suggestion.text };
    });
    void settled(completed).then(() => {
      const isKept = flight.isAhead && flight.complete !== undefined;
      if (this.flight === flight && !isKept) this.flight = undefined;
    });
    return flight;
  }

  /** Stops the generation for a document, or whichever runs; resolves when it has ended. */
  async stop(reason: NoSuggestion, uri?: string): Promise<void> {
    const { flight } = this;
    if (flight === undefined || (uri !== undefined && flight.uri !== uri))
      return;
    flight.abort.abort(reason);
    await settled(flight.whole);
    if (this.flight === flight) this.flight = undefined;
  }

  /** Whether a generation is still running after a first part of it was shown, or was started ahead. */
  get isGoingOn(): boolean {
    const { flight } = this;
    return (
      flight !== undefined && (flight.part !== undefined || flight.isAhead)
    );
  }

  /**
   * Stops a generation that is still running after its first part was shown, and forgets one that was
   * started ahead, unless the text before the cursor is the generated text.
   *
   * @param context absent: the generation is stopped
   */
  stopUnlessFollowed(uri?: string, context?: Surroundings): void {
    const { flight } = this;
    if (flight === undefined || !this.isGoingOn) return;
    if (
      uri !== undefined &&
      context !== undefined &&
      typedOf(flight, uri, context) !== undefined
    )
      return;
    flight.abort.abort(new NoSuggestion("superseded"));
    if (flight.complete !== undefined) this.flight = undefined;
  }

  /**
   * Waits for the next part of a running generation after the user has typed all that was shown.
   *
   * @param ms the longest wait
   * @returns whether there may be a next part now
   * @throws the signal's reason when it is aborted
   */
  async more(
    uri: string,
    context: Surroundings,
    ms: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { flight } = this;
    if (flight?.part === undefined || flight.isAhead) return false;
    if (flight.abort.signal.aborted) return false;
    const typed = typedOf(flight, uri, context);
    // If a part is left to type, the remembered suggestions have it.
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
      const generated =
        flight.complete ??
        flight.part ??
        (await orAborted(flight.result, signal));
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
 * How many characters of a generation's text the user has typed at its position; undefined if the user
 * typed something else.
 */
function typedOf(
  { uri, known }: Flight,
  ofRequest: string,
  context: Surroundings,
): number | undefined {
  const left = uri === ofRequest ? remainder(known, context) : undefined;
  return left === undefined ? undefined : known.text.length - left.length;
}
