/** UTF-16 units on either side that are looked at: flags and families of emoji are shorter. */
const near = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Whether what a reader takes for one character stands on both sides of a place, such as a letter
 * and its accent, or the halves of a surrogate pair.
 */
export function splitsGrapheme(before: string, after: string): boolean {
  const left = before.slice(-near);
  const segments = segmenter.segment(left + after.slice(0, near));
  const segment = segments.containing(left.length);
  return segment !== undefined && segment.index < left.length;
}
