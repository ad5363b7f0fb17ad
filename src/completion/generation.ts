import type { Timings } from "../protocol";
import type { LoadedModel } from "../runtime/loadedModel";
import type { Context } from "../runtime/runtime";
import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import { decode, unsure, type Decoded, type DecodeOptions } from "./decode";
import { heal } from "./healing";
import type { Surroundings } from "./context";
import { decodeMidLine } from "./midLine/decodeMidLine";
import { typedName } from "./names/candidates";
import { completeName, type NameSources } from "./names/completeName";
import { OtherStart } from "./processors/otherStart";
import { RecipeTabs } from "./processors/recipeTabs";
import type { LogitsProcessor } from "./processors/processor";
import { RequiredPrefix } from "./processors/requiredPrefix";
import { tokensUpTo, type Suggestion } from "./suggestion";
import type { Speed, TimeBudget } from "./timeBudget";
import { WordEnd } from "./processors/wordEnd";
import { decodeWholeLine } from "./wholeLine/decodeWholeLine";

/** What generation needs of a loaded model. */
export type CompletionModel = Pick<LoadedModel, "tokenizer" | "runtime"> & {
  readonly network: Speed;
};

/** What a text is generated from. */
export interface Prompt {
  /** The document's key in the state cache. */
  readonly key: string;
  /** Tokens of the document's start and of the text before the position. */
  readonly tokens: readonly number[];
  /** How many of them, at the start, are no text. */
  readonly startLength: number;
  /** The last characters before the position (`Surroundings.before`). */
  readonly before: string;
  readonly languageId: string;
  /** Text of the selected item, read after `tokens` as if it had been typed. */
  readonly selectedText?: string;
  readonly context: Context;
  /** Where candidates for the name at the position come from; absent: the network alone writes it. */
  readonly names?: NameSources;
  /** Alternatives generated before: the text has to begin unlike each of them. */
  readonly taken?: readonly Pick<Suggestion, "text" | "tokens">[];
  /** Given if text follows the position in its line; that text decides where to end. */
  readonly midLine?: Surroundings | undefined;
  /** Given if a line begins at the position and others follow it; these decide which line it is. */
  readonly wholeLine?: Surroundings | undefined;
}

/** A generated text and what it has cost. */
export type Generated = Decoded & { readonly timings: Timings };

type Options = Omit<
  DecodeOptions,
  | "tokenizer"
  | "skippedBytes"
  | "processors"
  | "start"
  | "timeBudget"
  | "onTimeBudget"
> & {
  readonly timeBudget: TimeBudget;
  /** As in `DecodeOptions`. */
  readonly onTimeBudget?: ((soFar: Generated) => boolean) | undefined;
  /** Least probability of the rest of a word that is in no source of names, 0 … 1; default: 0. */
  readonly minConfidenceOfNewWord?: number;
};

/**
 * Generates text: heal → prefill → decode. Ghost text and *Generate* share it.
 *
 * @throws the signal's reason when it is aborted
 */
export async function generate(
  { tokenizer, runtime }: Pick<CompletionModel, "tokenizer" | "runtime">,
  prompt: Prompt,
  options: Options,
): Promise<Generated> {
  const { key, tokens, startLength, selectedText = "", context } = prompt;
  const { names, midLine, wholeLine, taken = [] } = prompt;
  const began = performance.now();
  const { tokens: kept, healedPrefix } = heal(
    tokenizer,
    tokens,
    startLength,
    bytesOfText(selectedText),
  );
  const { signal, timeBudget, minConfidenceOfNewWord = 0 } = options;
  const continuation = await runtime.prefill(key, kept, signal, context);
  const ready = performance.now();
  const name =
    names &&
    (await completeName(
      continuation,
      tokenizer,
      healedPrefix,
      { ...names, taken: taken.map(({ text }) => text) },
      { signal, timeBudget },
    ));
  if (name !== undefined) continuation.rewind(name.mark);
  const { before } = prompt;
  const newStart = () =>
    name
      ? {
          start: name,
          skippedBytes: 0,
          processors: [
            new WordEnd(tokenizer),
            new OtherStart(tokenizer, firstTokensBehind(name.text, taken), 0),
            ...processorsOf(prompt, tokenizer, before + name.text),
          ],
        }
      : {
          skippedBytes: healedPrefix.length,
          processors: [
            new RequiredPrefix(tokenizer, healedPrefix),
            new OtherStart(
              tokenizer,
              taken.map((each) => firstToken(tokenizer, healedPrefix, each)),
              healedPrefix.length,
            ),
            ...processorsOf(
              prompt,
              tokenizer,
              withoutEnd(before, healedPrefix),
            ),
          ],
        };
  const withTimings = (decoded: Decoded): Generated => ({
    ...decoded,
    // What lies beyond the end, a line break often, says nothing of how likely the text is.
    tokens: tokensUpTo(decoded.tokens, decoded.text.length),
    timings: {
      prefillTokens: continuation.prefilled.run,
      prefillMs: ready - began,
      decodeTokens: decoded.steps,
      decodeMs: performance.now() - ready,
    },
  });
  const { onTimeBudget } = options;
  const newOptions = (): DecodeOptions => ({
    ...options,
    tokenizer,
    ...newStart(),
    timeBudget: timeBudget.generationMs(),
    onTimeBudget: onTimeBudget && ((soFar) => onTimeBudget(withTimings(soFar))),
  });
  // A typed word has no alternative if no other candidate for it is known.
  const isDoubtful = name
    ? !name.isKnown && name.logProbability < Math.log(minConfidenceOfNewWord)
    : taken.length > 0 && names !== undefined && typedName(before) !== "";
  const decoded = isDoubtful
    ? unsure(name)
    : midLine
      ? await decodeMidLine(
          continuation,
          { ...newOptions(), ...timeBudget },
          midLine,
          healedPrefix,
        )
      : wholeLine && !name && timeBudget.runsOfLines > 0
        ? await decodeWholeLine(
            continuation,
            newOptions,
            wholeLine,
            healedPrefix,
            timeBudget.runsOfLines,
          )
        : await decode(continuation, newOptions());
  return withTimings(decoded);
}

/** For each alternative that begins with `name`, its first token after the name. */
function firstTokensBehind(
  name: string,
  taken: NonNullable<Prompt["taken"]>,
): number[] {
  return taken.flatMap(({ text, tokens }) => {
    const at = tokens.findIndex(({ end }) => end > name.length);
    return text.startsWith(name) && at > 0 ? [tokens[at]!.id] : [];
  });
}

/** The first token of a text that goes beyond the healed prefix. */
function firstToken(
  tokenizer: Tokenizer,
  healedPrefix: Uint8Array,
  { text, tokens: [first] }: Pick<Suggestion, "text" | "tokens">,
): number {
  if (first !== undefined && first.id >= 0) return first.id;
  // The text begins with a name that was chosen whole, so its tokens are unknown.
  let length = 0;
  const whole = Buffer.concat([healedPrefix, bytesOfText(text)]);
  return encode(tokenizer, whole).find((token) => {
    length += tokenizer.bytesOf(token).length;
    return length > healedPrefix.length;
  })!;
}

/** The logits processors of a language for a text after `before`. */
function processorsOf(
  { languageId }: Prompt,
  tokenizer: Tokenizer,
  before: string,
): LogitsProcessor[] {
  return languageId === "makefile" ? [new RecipeTabs(tokenizer, before)] : [];
}

function withoutEnd(text: string, end: Uint8Array): string {
  const { length } = Buffer.from(end).toString();
  return text.slice(0, text.length - length);
}
