/**
 * The text before an offset as a model reads it: line ends as LF, without a first half, of a surrogate
 * pair or of CR LF, that what follows may complete.
 */
export function settledText(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const isHalfBreak = before.endsWith("\r") && text[offset] === "\n";
  // A surrogate before the CR is no half that anything could complete.
  const whole = isHalfBreak
    ? before.slice(0, -1)
    : before.replace(/[\ud800-\udbff]$/, "");
  return whole.replace(/\r\n|\r/g, "\n");
}
