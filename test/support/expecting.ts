import type { Continuation, Mark } from "../../src/runtime/continuation";
import type { Passage } from "../../src/copying/passages";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { endOfText } from "./fakeTokenizer";

/** A continuation that expects some texts, each with a probability, and says what it was given. */
export interface Expecting extends Continuation {
  /** What was pushed up to where it is. */
  readonly written: string;
  /** Each push: the token, and those that were said to follow. */
  readonly pushes: readonly (readonly [
    token: number,
    following: readonly number[],
  ])[];
}

/**
 * Where a text begins with what is written, its next token has the text's probability, relative to
 * the other texts that begin so. Any other token has a millionth, or `noise`.
 */
export function expecting(
  tokenizer: Tokenizer,
  texts: Readonly<Record<string, number>>,
  {
    noise = 1e-6,
    onPush,
    passages = [],
  }: {
    noise?: number | undefined;
    passages?: readonly Passage[];
    onPush?: ((pushes: number, following: number) => void) | undefined;
  } = {},
): Expecting {
  let written = "";
  const pushes: [number, readonly number[]][] = [];
  return {
    get written() {
      return written;
    },
    pushes,
    prefilled: { run: 0, from: "start", exact: true, distance: 0 },
    next: () => {
      const next = new Float32Array(tokenizer.vocabularySize).fill(noise);
      for (const [text, probability] of Object.entries(texts)) {
        if (!text.startsWith(written)) continue;
        const rest = Buffer.from(text.slice(written.length));
        const [piece] = tokenizer.pieces(rest);
        next[piece?.tokens[0] ?? endOfText]! += probability;
      }
      const sum = next.reduce((total, value) => total + value, 0);
      return sum === 0 ? next : next.map((value) => value / sum);
    },
    mark: () => ({ written }) as unknown as Mark,
    rewind: (mark) => ({ written } = mark as unknown as { written: string }),
    passagesAround: () => [...passages],
    push: (token, following = []) => {
      pushes.push([token, following]);
      written += Buffer.from(tokenizer.bytesOf(token)).toString();
      onPush?.(pushes.length, following.length);
      return Promise.resolve();
    },
  };
}

/** What was written up to a mark of such a continuation. */
export function writtenUpTo(mark: Mark): string {
  return (mark as unknown as { written: string }).written;
}
