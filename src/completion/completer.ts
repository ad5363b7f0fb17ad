import {
  greedy,
  sample,
  seededRandom,
  type TokenFilter,
} from "../engine/sampling";
import type { LoadedModel } from "../runtime/loadedModel";
import { bytesOfText } from "../tokenizer/tokenizer";
import type { Context } from "../runtime/runtime";
import { suffixAfterLine, type CompletionContext } from "./context";
import { decode, type Stop } from "./decode";
import { suggestionEnd } from "./endings";
import { heal } from "./healing";
import { InFlight, type Generated, type Runner } from "./inFlight";
import { restOfName } from "./names";
import { postprocess } from "./postprocess";
import type { PromptWindow } from "../runtime/promptWindow";
import {
  NoSuggestion,
  noSuggestionReasonOf,
  type Reason,
  type SuggestionSource,
  type NoSuggestionReason,
} from "./reasons";
import { refuse } from "./refuse";
import { ShownSuggestions } from "./typedThrough";

/** What generation needs of a loaded model. */
export type CompletionModel = Pick<LoadedModel, "tokenizer" | "runtime">;

/** A model and the tokens of the document it is to complete. */
export interface GenerationInputs {
  readonly model: CompletionModel;
  readonly window: PromptWindow;
  /** Keys of other documents whose text may be copied from. */
  readonly others?: readonly string[];
  /** The names in each of them. */
  readonly names?: readonly ReadonlySet<string>[];
}

/** How a request ended. */
export interface Outcome {
  readonly reason: Reason;
  /** What would be inserted at the cursor, with the document's line ends; empty: nothing. */
  readonly text: string;
  /** What replaces the text between `start` and `end`: the selected item, if any, and `text`. */
  readonly insertText: string;
  readonly start: number;
  readonly end: number;
  /** Why generation ended, where one ran. */
  readonly stop?: string;
  /** Tokens read and written for this request. */
  readonly prefilled: number;
  readonly decoded: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** What went wrong, where the reason is "failed". */
  readonly error?: unknown;
}

/** Completes places in documents, one at a time. */
export class Completer {
  private readonly shown = new ShownSuggestions();
  private readonly inFlight: InFlight;

  constructor(private readonly runner: Runner) {
    this.inFlight = new InFlight(runner);
  }

  /**
   * The ladder: refuse → typed through → in flight → generate → post-process. Never throws; every
   * exit has its reason.
   *
   * @param engine asked only when a model call is needed, at once, while the document is still the
   *   one in `context`
   */
  async complete(
    context: CompletionContext,
    engine: () => GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
  ): Promise<Outcome> {
    try {
      const refused = refuse(context);
      if (refused !== undefined) return silent(context, refused);

      const known = this.shown.find(context.uri, context);
      const rest = known?.sameAfter
        ? known.text
        : known && postprocess(known.text, context).text;
      if (rest) return suggestion(context, "typed through", rest);
      if (context.afterDeletion && context.trigger === "automatic") {
        return silent(context, "deletion");
      }

      const joined = this.inFlight.join(context.uri, context, signal);
      const generated = await (joined ?? this.start(context, engine(), signal));
      if (generated.text === "") {
        return silent(
          context,
          generated.dropped ?? "nothing to add",
          generated,
        );
      }
      this.shown.add(context.uri, context, generated.text);
      return suggestion(
        context,
        joined ? "in flight" : "generated",
        generated.text,
        generated,
      );
    } catch (error) {
      const reason = noSuggestionReasonOf(error, signal);
      return {
        ...silent(context, reason),
        ...(reason === "failed" && { error }),
      };
    }
  }

  /** Forgets a document and stops what is computed for it; resolves when that has ended. */
  async forget(uri: string, reason: NoSuggestionReason): Promise<void> {
    this.shown.forget(uri);
    await this.inFlight.stop(new NoSuggestion(reason), uri);
  }

  /** Forgets all suggestions and stops the running one; resolves when it has ended. */
  async reset(reason: NoSuggestionReason): Promise<void> {
    this.shown.clear();
    await this.inFlight.stop(new NoSuggestion(reason));
  }

  private start(
    context: CompletionContext,
    engine: GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
  ): Promise<Generated> {
    if (typeof engine === "string") throw new NoSuggestion(engine);
    if (this.runner.kind === "generate") throw new NoSuggestion("generating");
    const { model, window, others = [], names = [] } = engine;
    // Read at once: the document may have moved on when it is this request's turn.
    const tokens = window.tokensBefore(context.text, context.start);
    const suffix = suffixAfterLine(context.text, context.end);
    return this.inFlight.start(
      context.uri,
      context,
      signal,
      (runSignal, onText) =>
        generate(
          context,
          model,
          { tokens, start: window.startLength, suffix, others, names },
          runSignal,
          onText,
        ),
    );
  }
}

/** What a suggestion is generated from. */
interface Prompt extends Context {
  readonly tokens: readonly number[];
  /** How many of them are no text. */
  readonly start: number;
  readonly names: readonly ReadonlySet<string>[];
}

/** Generates and post-processes. */
async function generate(
  context: CompletionContext,
  { tokenizer, runtime }: CompletionModel,
  prompt: Prompt,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Generated> {
  const { settings } = context;
  const began = performance.now();
  const healed = heal(
    tokenizer,
    prompt.tokens,
    prompt.start,
    bytesOfText(context.selectedText),
  );
  const continuation = await runtime.prefill(
    context.uri,
    healed.tokens,
    signal,
    prompt,
  );
  const ready = performance.now();
  const lead = restOfName(context.before, context.text, prompt.names);
  const decoded = await decode(continuation, {
    tokenizer,
    held: healed.healedPrefix,
    lead: bytesOfText(lead),
    maxTokens: settings.maxTokens,
    timeBudget: settings.timeBudget,
    choose: chooser(settings),
    endOf: suggestionEnd(context, settings.maxLines),
    whole: "lines",
    signal,
    onText,
  });
  const { text, dropped } = postprocess(decoded.text, context);
  return {
    text,
    dropped: decoded.text === "" ? silenceAfter(decoded.stop) : dropped,
    stop: decoded.stop,
    prefilled: continuation.prefilled.run,
    decoded: decoded.tokens,
    prefillMs: ready - began,
    decodeMs: performance.now() - ready,
  };
}

/** Picks tokens as the settings say; the same seed picks the same ones. */
export function chooser(settings: {
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}): (probabilities: Float32Array, allowed?: TokenFilter) => number {
  const { temperature, topP, seed } = settings;
  if (temperature === 0) return greedy;
  const random = seededRandom(seed);
  return (probabilities, allowed) =>
    sample(probabilities, { temperature, topP, random }, allowed);
}

/** Why a generation has no text. */
function silenceAfter(stop: Stop): NoSuggestionReason {
  return stop === "time budget" || stop === "repetition"
    ? stop
    : "nothing to add";
}

const nothingRun = { prefilled: 0, decoded: 0, prefillMs: 0, decodeMs: 0 };

function suggestion(
  context: CompletionContext,
  reason: SuggestionSource,
  lfText: string,
  generated?: Generated,
): Outcome {
  const text =
    context.eol === "\n" ? lfText : lfText.replaceAll("\n", context.eol);
  const insertText = context.selectedText + text;
  return { ...silent(context, reason, generated), text, insertText };
}

function silent(
  context: CompletionContext,
  reason: Reason,
  generated?: Generated,
): Outcome {
  const { start, end } = context;
  return {
    ...nothingRun,
    ...generated,
    reason,
    text: "",
    insertText: "",
    start,
    end,
  };
}
