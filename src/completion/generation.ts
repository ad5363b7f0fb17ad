import type { Timings } from "../protocol";
import type { Context } from "../runtime/runtime";
import { bytesOfText } from "../tokenizer/tokenizer";
import type { CompletionModel } from "./completer";
import { decode, type Decoded, type DecodeOptions } from "./decode";
import { heal } from "./healing";
import { ForcedName } from "./processors/forcedName";
import { RequiredPrefix } from "./processors/requiredPrefix";

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
  /** The rest of a name, which has to come first and to end there; empty: none. */
  readonly name?: string;
}

type Options = Omit<DecodeOptions, "tokenizer" | "skippedBytes" | "processors">;

/**
 * Generates text: heal → prefill → decode. Ghost text and *Generate* share it.
 *
 * @throws the signal's reason when it is aborted
 */
export async function generate(
  { tokenizer, runtime }: CompletionModel,
  { key, tokens, startLength, selectedText = "", context, name = "" }: Prompt,
  options: Options,
): Promise<Decoded & { timings: Timings }> {
  const began = performance.now();
  const { tokens: kept, healedPrefix } = heal(
    tokenizer,
    tokens,
    startLength,
    bytesOfText(selectedText),
  );
  const { signal } = options;
  const continuation = await runtime.prefill(key, kept, signal, context);
  const ready = performance.now();
  const start =
    name === ""
      ? new RequiredPrefix(tokenizer, healedPrefix)
      : new ForcedName(
          tokenizer,
          Buffer.concat([healedPrefix, bytesOfText(name)]),
        );
  const decoded = await decode(continuation, {
    ...options,
    tokenizer,
    skippedBytes: healedPrefix.length,
    processors: [start],
  });
  const timings = {
    prefillTokens: continuation.prefilled.run,
    prefillMs: ready - began,
    decodeTokens: decoded.steps,
    decodeMs: performance.now() - ready,
  };
  return { ...decoded, timings };
}
