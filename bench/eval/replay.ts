import { splitsWord } from "../../src/text/words";

/** Least number of right characters that a perfect user accepts; fewer are typed. */
export const leastSaved = 3;

/** What a text took to write. */
export interface Typed {
  /** Keys without suggestions: its characters. */
  readonly characters: number;
  readonly keys: number;
}

/**
 * A user who writes `text` key by key and, at each place, takes the longest run of whole words of
 * what is shown that is right, for one key, if it saves at least three characters.
 *
 * @param suggest what is shown after the first part of `text` has been written
 */
export async function replay(
  text: string,
  suggest: (written: string) => Promise<string>,
): Promise<Typed> {
  let at = 0;
  let keys = 0;
  while (at < text.length) {
    const shown = await suggest(text.slice(0, at));
    const right = rightRun(shown, text.slice(at));
    at += right >= leastSaved ? right : characterAt(text, at);
    keys++;
  }
  return { characters: [...text].length, keys };
}

/** Length of the longest run of whole words at the start of `shown` that `text` starts with, too. */
export function rightRun(shown: string, text: string): number {
  let length = 0;
  while (length < shown.length && shown[length] === text[length]) length++;
  while (splitsWord(shown, length) || splitsWord(text, length)) length--;
  return length;
}

function characterAt(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}
