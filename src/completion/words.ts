const wordChar = /[\p{L}\p{N}_]/u;

/** Whether an offset has word characters on either side. */
export function splitsWord(text: string, at: number): boolean {
  return (
    at > 0 &&
    at < text.length &&
    wordChar.test(text[at - 1]!) &&
    wordChar.test(text[at]!)
  );
}
