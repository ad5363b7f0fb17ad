/** UTF-16 units that the parser reads from a text at a time. */
const readLength = 4096;

/** The part of a text that the parser reads next: from an offset on, and not beyond `end`. */
export function nextPart(
  text: string,
  from: number,
  end = text.length,
): string {
  return text.slice(from, Math.min(end, from + readLength));
}
