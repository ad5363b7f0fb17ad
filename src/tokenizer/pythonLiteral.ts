import { message, ToldError } from "../messages";

/**
 * Bytes of a Python string or bytes literal as `repr` writes them: `'text'`, `"text"`, `b'\xff'`.
 * Text stands for its UTF-8 bytes. The literal is read, never evaluated.
 *
 * @throws Error naming the cause if it is anything else
 */
export function bytesOfPythonLiteral(literal: string): Uint8Array {
  const isBytes = literal.startsWith("b");
  const quote = literal[isBytes ? 1 : 0];
  const body = literal.slice(isBytes ? 2 : 1, -1);
  if ((quote !== "'" && quote !== '"') || !literal.endsWith(quote)) {
    throw new ToldError(message("no quoted string"));
  }
  return bytesOfEscapes(body, isBytes, quote);
}

/** Escapes of one character after the backslash. */
const simpleEscapes: Record<string, number> = {
  "\\": 0x5c,
  "'": 0x27,
  '"': 0x22,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};

/** Hexadecimal digits after the letter of an escape. */
const digitsOf: Record<string, number> = { x: 2, u: 4, U: 8 };

/**
 * The inside of such a literal.
 *
 * @param isBytes whether `\xff` is the byte 255 and not the character U+00FF
 * @param quote the character that must not stand unescaped; none if any may
 */
export function bytesOfEscapes(
  body: string,
  isBytes: boolean,
  quote?: string,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const escape = body.indexOf("\\", at);
    const end = escape < 0 ? body.length : escape;
    const plain = body.slice(at, end);
    if (quote !== undefined && plain.includes(quote))
      throw new ToldError(message("quote in middle"));
    if (isBytes && /[^\0-\x7f]/.test(plain))
      throw new ToldError(message("not ASCII"));
    parts.push(Buffer.from(plain, "utf8"));
    if (escape < 0) break;
    const letter = body[escape + 1] ?? "";
    const simple = simpleEscapes[letter];
    const digits = simple === undefined ? (digitsOf[letter] ?? 0) : 0;
    const hex = body.slice(escape + 2, escape + 2 + digits);
    if (simple === undefined && (digits === 0 || !isHex(hex, digits)))
      throw new ToldError(message("unknown escape", `\\${letter}`));
    const code = simple ?? parseInt(hex, 16);
    if (isBytes && digits > 2)
      throw new ToldError(message("escape among bytes", `\\${letter}`));
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      throw new ToldError(message("no character", hex));
    parts.push(
      isBytes
        ? Uint8Array.of(code)
        : Buffer.from(String.fromCodePoint(code), "utf8"),
    );
    at = escape + 2 + digits;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}

/** A bytes literal without its `b''`, as `repr(bytes)[2:-1]` has it but for the choice of quotes. */
export function escapesOfBytes(bytes: Uint8Array): string {
  let body = "";
  for (const byte of bytes) {
    if (byte === 0x5c || byte === 0x27)
      body += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) body += String.fromCharCode(byte);
    else body += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return body;
}
