/**
 * The alphabet in which byte-level BPE files write their tokens: a printable character for each
 * byte (source: `bytes_to_unicode` in openai/gpt-2's `encoder.py`). Printable bytes stand for
 * themselves, the others for U+0100 and on, in order.
 */
export const byteAlphabet: readonly string[] = makeAlphabet();

function makeAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte > 0x20 && byte < 0x7f) ||
      (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
    return String.fromCharCode(printable ? byte : next++);
  });
}

const byteOf = new Map(byteAlphabet.map((char, byte) => [char, byte]));

/** The bytes that `token` stands for, undefined if it has a character from outside the alphabet. */
export function bytesOfAlphabet(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOf.get(token[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
