import { decode, type DecodeOptions } from "../../src/completion/decode";
import type { LogitsProcessor } from "../../src/completion/processors/processor";
import {
  completeName,
  type NameSources,
} from "../../src/completion/names/completeName";
import { RequiredPrefix } from "../../src/completion/processors/requiredPrefix";
import { greedy } from "../../src/engine/sampling";
import { runsOfLines, unlimited } from "../../src/completion/timeBudget";
import { chooseLine } from "../../src/completion/wholeLine/decodeWholeLine";
import type { Surroundings } from "../../src/completion/context";
import type { Healed } from "../../src/completion/healing";
import type { Context } from "../../src/runtime/runtime";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import type { Subject } from "./subject";

/** Most tokens generated for a line or word. */
const maxTokens = 128;

/** The expected text of a place, and where it ends. */
export interface Goal {
  readonly expected: string;
  /** Where in a generated text the line or the word is complete; −1 if it is not yet. */
  readonly endIn: (text: string) => number;
  /** Whether a text that is not complete can still become the expected one. */
  readonly mayBecome: (text: string) => boolean;
  /** Whether all white space before the text is given, so that none comes next. */
  readonly isBehindIndentation: boolean;
}

/** A line behind its whole indentation, white space at its end left out of account. */
export function lineGoal(expected: string): Goal {
  return {
    expected,
    isBehindIndentation: true,
    endIn: (text) => text.indexOf("\n"),
    mayBecome: (text) =>
      expected.startsWith(text) || text.trimEnd() === expected,
  };
}

/** The rest of a word. */
export function wordGoal(expected: string): Goal {
  return {
    expected,
    isBehindIndentation: false,
    endIn: (text) => text.search(/\W/),
    mayBecome: (text) => expected.startsWith(text),
  };
}

/**
 * Whether the rest of a name is what the product makes of it: the likeliest of the names that it
 * knows, or else the network's word.
 */
export async function isNameFound(
  subject: Subject,
  key: string,
  healed: Healed,
  expected: string,
  context: Context,
  names: NameSources,
): Promise<boolean> {
  const { runtime, tokenizer } = subject;
  const { signal } = new AbortController();
  const name = await completeName(
    await runtime.prefill(key, healed.tokens, signal, context),
    tokenizer,
    healed.healedPrefix,
    names,
    { signal, timeBudget: unlimited },
  );
  if (name !== undefined) return name.text === expected;
  return isFound(subject, key, healed, wordGoal(expected), context);
}

/**
 * Whether the line that is chosen by the text behind it, as in the product while one types, is the expected
 * one; `around` has that text.
 */
export async function isLineFound(
  subject: Subject,
  key: string,
  healed: Healed,
  expected: string,
  context: Context,
  around: Surroundings,
): Promise<boolean> {
  const { runtime, tokenizer } = subject;
  const { tokens, healedPrefix } = healed;
  const { signal } = new AbortController();
  const { chosen } = await chooseLine(
    await runtime.prefill(key, tokens, signal, context),
    {
      ...decodeOptions(tokenizer, healedPrefix, true, signal),
      // However sure it is by itself, a line is compared.
      minConfidenceOfLines: Infinity,
      stoppingCriteria: [],
    },
    around,
    healedPrefix,
    runsOfLines,
  );
  return chosen
    ? chosen.line.text.trimEnd() === expected
    : isFound(subject, key, healed, lineGoal(expected), context);
}

/** Whether the most probable continuation is the expected one. */
export async function isFound(
  { runtime, tokenizer }: Subject,
  key: string,
  { tokens, healedPrefix }: Healed,
  goal: Goal,
  context: Context,
): Promise<boolean> {
  const { signal } = new AbortController();
  const continuation = await runtime.prefill(key, tokens, signal, context);
  let wrong = false;
  const { text } = await decode(continuation, {
    ...decodeOptions(tokenizer, healedPrefix, goal.isBehindIndentation, signal),
    stoppingCriteria: [
      (text) => {
        const end = goal.endIn(text);
        if (end >= 0) return { end, stop: "end of line" };
        // A text that is wrong already need not be completed.
        wrong = !goal.mayBecome(text);
        return wrong ? { end: text.length, stop: "end of line" } : undefined;
      },
    ],
  });
  return !wrong && text.trimEnd() === goal.expected;
}

/** How the most probable text is generated, whatever its probability. */
function decodeOptions(
  tokenizer: Tokenizer,
  healedPrefix: Uint8Array,
  isBehindIndentation: boolean,
  signal: AbortSignal,
): Omit<DecodeOptions, "stoppingCriteria"> {
  return {
    tokenizer,
    skippedBytes: healedPrefix.length,
    processors: [
      new RequiredPrefix(tokenizer, healedPrefix),
      ...(isBehindIndentation
        ? [new NoWhiteSpace(tokenizer, healedPrefix.length)]
        : []),
    ],
    sampler: greedy,
    maxTokens,
    minConfidence: 0,
    timeBudget: Infinity,
    whole: "words",
    signal,
  };
}

/** No white space comes right behind the bytes that stand in the document already. */
export class NoWhiteSpace implements LogitsProcessor {
  /** @param left bytes until then; below zero the text has begun, and may have white space in it */
  constructor(
    private readonly tokenizer: Tokenizer,
    private left: number,
  ) {}

  process(probabilities: Float32Array): Float32Array {
    const { tokenizer, left } = this;
    if (left < 0) return probabilities;
    const kept = probabilities.slice();
    for (let id = 0; id < kept.length; id++) {
      const next =
        id < tokenizer.vocabularySize ? tokenizer.bytesOf(id)[left] : space;
      if (next === space || next === tab) kept[id] = 0;
    }
    return kept;
  }

  accept(token: number): void {
    this.left -= this.tokenizer.bytesOf(token).length;
  }
}

const space = 0x20;
const tab = 0x09;
