import { lineFeeds } from "../text/lineFeeds";
import { bytesOfText, type Tokenizer } from "../tokenizer/tokenizer";
import { NameScanner, type NameScan, type NameUse } from "./names";
import type { Slices } from "./slices";
import { mostTokens, type Tokens } from "./tokenStore";

/** UTF-16 units scanned for names in one step: a millisecond or two. */
const scannedAtOnce = 32 * 1024;
/** Upper bound of the average bytes of a token, to cut a text before its first tokens are computed. */
const mostBytesOfToken = 8;
/** Pieces tokenised between two checks of the time. */
const piecesAtOnce = 256;

/** The names of a text, found in short runs: by `scan` if given, else by the characters around them. */
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

/** The first tokens of a text, computed in short runs. */
export async function tokensOf(
  text: string,
  tokenizer: Tokenizer,
  slices: Slices,
): Promise<Tokens> {
  // As open documents are read, so that the tokens of both are alike.
  const read = lineFeeds(text.slice(0, mostTokens * mostBytesOfToken));
  const bytes = bytesOfText(read);
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
