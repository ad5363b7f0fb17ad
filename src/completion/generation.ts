import type { Timings } from "../protocol";
import type { LoadedModel } from "../runtime/loadedModel";
import type { Context } from "../runtime/runtime";
import { bytesOfText } from "../tokenizer/tokenizer";
import { decode, unsure, type Decoded, type DecodeOptions } from "./decode";
import { heal } from "./healing";
import type { Surroundings } from "./context";
import { decodeMidLine } from "./midLine/decodeMidLine";
import { completeName, type NameSources } from "./names/completeName";
import { RequiredPrefix } from "./processors/requiredPrefix";
import { WordEnd } from "./processors/wordEnd";

/** What generation needs of a loaded model. */
export type CompletionModel = Pick<LoadedModel, "tokenizer" | "runtime">;

/** What a text is generated from. */
export interface Prompt {
  /** By which its states are kept. */
  readonly key: string;
  /** Tokens of the document's start and of the text before the position. */
  readonly tokens: readonly number[];
  /** How many of them at the start are no text. */
  readonly startLength: number;
  /** What stands behind the tokens as if it had been typed. */
  readonly selectedText?: string;
  readonly context: Context;
  /** Where the name at the position is looked for; not given: the network writes it alone. */
  readonly names?: NameSources;
  /** Given where text stands right of the position in its line, which says where to end. */
  readonly midLine?: Surroundings | undefined;
}

type Options = Omit<
  DecodeOptions,
  "tokenizer" | "skippedBytes" | "processors" | "start"
> & {
  /** Probability that the end of a word has to have which stands nowhere; by default none. */
  readonly minConfidenceOfNewWord?: number;
};

/**
 * Generates text: heal → prefill → decode. Ghost text and *Generate* share it.
 *
 * @throws the signal's reason when it is aborted
 */
export async function generate(
  { tokenizer, runtime }: CompletionModel,
  prompt: Prompt,
  options: Options,
): Promise<Decoded & { timings: Timings }> {
  const { key, tokens, startLength, selectedText = "", context } = prompt;
  const { names, midLine } = prompt;
  const began = performance.now();
  const { tokens: kept, healedPrefix } = heal(
    tokenizer,
    tokens,
    startLength,
    bytesOfText(selectedText),
  );
  const { signal, minConfidenceOfNewWord = 0 } = options;
  const continuation = await runtime.prefill(key, kept, signal, context);
  const ready = performance.now();
  const name =
    names &&
    (await completeName(continuation, tokenizer, healedPrefix, names, signal));
  if (name !== undefined) continuation.rewind(name.mark);
  const start = name
    ? { start: name, skippedBytes: 0, processors: [new WordEnd(tokenizer)] }
    : {
        skippedBytes: healedPrefix.length,
        processors: [new RequiredPrefix(tokenizer, healedPrefix)],
      };
  const decodeOptions = { ...options, tokenizer, ...start };
  const isDoubtful =
    name?.isKnown === false &&
    name.logProbability < Math.log(minConfidenceOfNewWord);
  const decoded = isDoubtful
    ? unsure
    : midLine
      ? await decodeMidLine(continuation, decodeOptions, midLine, healedPrefix)
      : await decode(continuation, decodeOptions);
  const timings = {
    prefillTokens: continuation.prefilled.run,
    prefillMs: ready - began,
    decodeTokens: decoded.steps,
    decodeMs: performance.now() - ready,
  };
  return { ...decoded, timings };
}
