/** UTF-16 units examined before and after a position; flags and families of emoji are shorter. */
const near = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Whether a position is within a grapheme (one character for a reader), such as between a letter and
 * its accent or between the halves of a surrogate pair.
 */
export function splitsGrapheme(before: string, after: string): boolean {
  const left = before.slice(-near);
  const segments = segmenter.segment(left + after.slice(0, near));
  const segment = segments.containing(left.length);
  return segment !== undefined && segment.index < left.length;
}
