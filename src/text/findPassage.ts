import { lineFeeds } from "./lineFeeds";

/** A place in a text, both counted from 0; the character in UTF-16 units. */
export interface PassagePlace {
  readonly line: number;
  readonly character: number;
  /** The line's text. */
  readonly text: string;
}

/** Least number of bytes of a passage, before and after the place, that have to be found. */
const fewestBytes = 3;

/**
 * Finds a passage again in the text that it was taken from: the whole of it, else its own line.
 *
 * @param text line ends of any kind count as LF
 * @param before bytes that stand before the place, in UTF-8, line ends LF
 * @param after bytes from the place on
 * @param take which of several places: the first or the last
 */
export function findPassage(
  text: string,
  before: Uint8Array,
  after: Uint8Array,
  take: "first" | "last" = "first",
): PassagePlace | undefined {
  const bytes = Buffer.from(lineFeeds(text));
  const line = before.subarray(before.lastIndexOf(0x0a) + 1);
  const end = after.indexOf(0x0a, 1);
  const rest = end < 0 ? after : after.subarray(0, end);
  for (const [head, tail] of [
    [before, after],
    [line, rest],
  ] as const) {
    const passage = Buffer.concat([head, tail]);
    if (passage.length < fewestBytes) continue;
    const found =
      take === "first" ? bytes.indexOf(passage) : bytes.lastIndexOf(passage);
    if (found >= 0) return placeAt(bytes, found + head.length);
  }
  return undefined;
}

function placeAt(bytes: Buffer, at: number): PassagePlace {
  // A token that begins with the line's end is the next line's.
  let offset = at;
  while (bytes[offset] === 0x0a) offset++;
  const start = bytes.lastIndexOf(0x0a, Math.max(0, offset - 1)) + 1;
  const lineStart = offset === 0 ? 0 : start;
  let line = 0;
  for (
    let next = bytes.indexOf(0x0a);
    next >= 0 && next < lineStart;
    next = bytes.indexOf(0x0a, next + 1)
  )
    line++;
  const end = bytes.indexOf(0x0a, offset);
  return {
    line,
    character: bytes.toString("utf8", lineStart, offset).length,
    text: bytes.toString("utf8", lineStart, end < 0 ? bytes.length : end),
  };
}
