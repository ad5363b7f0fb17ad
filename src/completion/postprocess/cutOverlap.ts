import { unopened } from "../../syntax/brackets";
import { splitsWord, wordChars } from "../../text/words";
import type { Rule } from "./rule";

const quotes = ['"', "'", "`"];
const nextWord = new RegExp(`^[${wordChars}]+`, "u");

/**
 * Ends a suggestion before it repeats the text right of the cursor: `foo(█)` keeps `a, b` of `a, b)`,
 * and `"█"` keeps `text` of `text"`. The closer of a bracket or quote that the suggestion opens itself
 * is kept.
 */
export const cutOverlap: Rule = {
  reason: "repeats what follows",
  apply(text, { lineSuffix }) {
    const rest = lineSuffix.trim();
    if (rest === "") return text;
    if (repeatsNextWord(text, lineSuffix)) return "";
    const lineEnd = text.indexOf("\n");
    const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
    const end = Math.min(
      startOfRest(line, rest),
      startOfClosing(line, rest),
      startOfSharedEnd(line, rest),
    );
    return end < line.length ? text.slice(0, end) : text;
  },
};

/** Whether a text begins with the word right of the cursor. */
export function repeatsNextWord(text: string, lineSuffix: string): boolean {
  const word = nextWord.exec(lineSuffix)?.[0];
  return (
    word !== undefined &&
    text.startsWith(word) &&
    !splitsWord(text, word.length)
  );
}

/** Where the suggestion contains the whole rest of the line. */
function startOfRest(line: string, rest: string): number {
  for (let at = line.indexOf(rest); at >= 0; at = line.indexOf(rest, at + 1)) {
    if (isOwnPlace(line, rest, at, rest.length)) return at;
  }
  return Infinity;
}

/** Where the suggestion has the closing bracket with which the rest of the line begins. */
function startOfClosing(line: string, rest: string): number {
  const first = rest[0]!;
  return unopened(line).find(({ closer }) => closer === first)?.at ?? Infinity;
}

/** Start of the longest end of the suggestion with which the rest of the line begins. */
function startOfSharedEnd(line: string, rest: string): number {
  const content = line.trimEnd();
  for (
    let length = Math.min(content.length, rest.length);
    length > 0;
    length--
  ) {
    const at = content.length - length;
    if (
      rest.startsWith(content.slice(at)) &&
      isOwnPlace(content, rest, at, length)
    )
      return at;
  }
  return Infinity;
}

/**
 * Whether the first `length` characters of the rest of the line mean the same at `at` in the
 * suggestion: they split no word and close no bracket or quote that the suggestion opened.
 */
function isOwnPlace(
  line: string,
  rest: string,
  at: number,
  length: number,
): boolean {
  const shared = rest.slice(0, length);
  if (splitsWord(line, at) || splitsWord(rest, length)) return false;
  const closing = unopened(line).filter(
    (closer) => closer.at >= at && closer.at < at + length,
  );
  if (closing.length < unopened(shared).length) return false;
  const quote = shared[0]!;
  return !quotes.includes(quote) || count(line.slice(0, at), quote) % 2 === 0;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
