import { decode, type DecodeOptions } from "../../src/completion/decode";
import { greedy } from "../../src/engine/sampling";
import type { Healed } from "../../src/completion/healing";
import type { Context } from "../../src/runtime/runtime";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import type { Subject } from "./subject";

/** More than a line or a word has; what is longer is not found. */
const maxTokens = 128;

/** What is looked for, and how it ends. */
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
    tokenizer,
    held: healedPrefix,
    maxTokens,
    timeBudget: Infinity,
    choose: goal.isBehindIndentation
      ? greedyBehindIndentation(tokenizer, healedPrefix.length)
      : greedy,
    whole: "words",
    signal,
    endOf: (text) => {
      const end = goal.endIn(text);
      if (end >= 0) return { end, stop: "end of line" };
      // What is wrong already need not be generated to its end.
      wrong = !goal.mayBecome(text);
      return wrong ? { end: text.length, stop: "end of line" } : undefined;
    },
  });
  return !wrong && text.trimEnd() === goal.expected;
}

/**
 * Chooses the most probable tokens such that no white space comes behind the bytes held. To be asked
 * once a token.
 */
export function greedyBehindIndentation(
  tokenizer: Tokenizer,
  held: number,
): DecodeOptions["choose"] {
  let left = held;
  return (probabilities, allowed) => {
    const token = greedy(probabilities, (id) => {
      if (id >= tokenizer.vocabularySize) return false;
      if (allowed !== undefined && !allowed(id)) return false;
      const next = left < 0 ? undefined : tokenizer.bytesOf(id)[left];
      return next !== space && next !== tab;
    });
    // Below zero the text has begun, and may have white space in it.
    left -= tokenizer.bytesOf(token).length;
    return token;
  };
}

const space = 0x20;
const tab = 0x09;
