import { isUtf8 } from "node:buffer";

/**
 * Any bytes as text and back without loss: a byte that is no part of valid UTF-8 becomes the lone
 * surrogate U+DC00 + byte, which valid UTF-8 never gives (Python calls this `surrogateescape`).
 */
export function escapedText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  let valid = 0;
  for (let at = 0; at < buffer.length;) {
    const length = lengthOfCharacter(buffer, at);
    if (length === 0) {
      text += buffer.toString("utf8", valid, at);
      text += String.fromCharCode(0xdc00 + buffer[at]!);
      valid = ++at;
    } else at += length;
  }
  return text + buffer.toString("utf8", valid);
}

/** The bytes of a text that `escapedText` has made, or of a part of it. */
export function escapedBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  if (!loneSurrogate.test(text)) return bytes;
  const parts: Uint8Array[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const escaped = code >= 0xdc00 && code < 0xe000;
    parts.push(escaped ? Uint8Array.of(code - 0xdc00) : Buffer.from(char));
  }
  return Buffer.concat(parts);
}

const loneSurrogate = /\p{Surrogate}/u;

/** Bytes of the character at `at`, 0 if no valid one starts there (Unicode 15, table 3-7). */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < length; i++)
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
