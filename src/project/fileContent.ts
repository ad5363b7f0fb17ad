import { bytesOfText, type Tokenizer } from "../tokenizer/tokenizer";
import { NameScanner, type NameScan, type NameUse } from "./names";
import type { Slices } from "./slices";
import { mostTokens, type Tokens } from "./tokenStore";

/** UTF-16 units in which names are looked for at a time: a millisecond or two. */
const scannedAtOnce = 32 * 1024;
/** Bytes of a token, at the most on average, of a text that is tokenised as far as it is kept. */
const mostBytesOfToken = 8;
/** Pieces that are tokenised before the clock is looked at. */
const piecesAtOnce = 256;

/** The names of a text, in runs: by `scan` if given, else by the characters around them. */
export async function namesOf(
  text: string,
  slices: Slices,
  scan: NameScan | undefined,
): Promise<ReadonlyMap<string, NameUse>> {
  await slices.next();
  if (scan !== undefined) return scan(text);
  const scanner = new NameScanner();
  for (let at = 0; at < text.length;) {
    await slices.next();
    const end = text.indexOf("\n", at + scannedAtOnce) + 1 || text.length;
    scanner.add(text.slice(at, end));
    at = end;
  }
  return scanner.names;
}

/** The first tokens of a text, in runs. */
export async function tokensOf(
  text: string,
  tokenizer: Tokenizer,
  slices: Slices,
): Promise<Tokens> {
  const bytes = bytesOfText(text.slice(0, mostTokens * mostBytesOfToken));
  const tokens = new Uint32Array(mostTokens);
  let length = 0;
  let pieces = 0;
  await slices.next();
  for (const piece of tokenizer.pieces(bytes)) {
    for (const token of piece.tokens)
      if (length < mostTokens) tokens[length++] = token;
    if (length === mostTokens) break;
    if (++pieces % piecesAtOnce === 0) await slices.next();
  }
  const used = tokens.subarray(0, length);
  return tokenizer.vocabularySize <= 0x10000
    ? Uint16Array.from(used)
    : used.slice();
}
