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

type Generate = (
  signal: AbortSignal,
  onText: (text: string) => void,
) => Promise<Suggestion>;

interface Flight {
  readonly uri: string;
  /** The position and the text so far. */
  known: Continued;
  readonly abort: AbortController;
  readonly result: Promise<Suggestion>;
  /** Requests that wait for it; when the last has its answer or gives up, it is over. */
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
  ): Promise<Suggestion> | undefined {
    const { flight } = this;
    if (flight?.uri !== uri || flight.abort.signal.aborted) return undefined;
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
      return generated;
    } finally {
      signal.removeEventListener("abort", giveUp);
      if (--flight.waiting === 0) flight.abort.abort(signal.reason);
    }
  }
}
