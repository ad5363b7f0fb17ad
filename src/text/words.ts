/**
 * What a word is, and a name: for character classes of regular expressions with the flag `u`. A
 * name is what programming languages call an identifier.
 */
export const wordChars = String.raw`\p{L}\p{M}\p{N}_`;
export const nameChars = `${wordChars}$`;
/** Characters that a name can begin with. */
export const nameStarts = String.raw`\p{L}\p{Nl}_$`;

/** A name, for a part of a regular expression with the flag `u`. */
export const nameSource = `[${nameStarts}][${nameChars}]*`;

const wordChar = new RegExp(`[${wordChars}]`, "u");

/** Whether an offset has word characters on either side. */
export function splitsWord(text: string, at: number): boolean {
  return (
    at > 0 &&
    at < text.length &&
    wordChar.test(text[at - 1]!) &&
    wordChar.test(text[at]!)
  );
}

/** Whether a byte of UTF-8 belongs to a word; all bytes of characters beyond ASCII count as such. */
export function isWordByte(byte: number): boolean {
  return (
    byte >= 0x80 ||
    byte === 0x5f ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}
