import { message, ToldError } from "../messages";
import { byteAlphabet, bytesOfAlphabet } from "./byteAlphabet";
import { escapedBytes, escapedText } from "./escapedText";
import { mergePairs, type Merge } from "./merge";
import { readTokenizerJson, type ByteLevelBpe } from "./tokenizerJson";
import type { Piece, Tokenizer } from "./tokenizer";

/**
 * Longer pieces, in characters, are cut, so that the time stays proportional to the length of a text.
 * Only for such pieces does the result differ from the reference's.
 */
const longestPiece = 4096;

/** Number of pieces whose tokens are cached: most pieces of a text recur. */
const cachedPieces = 20_000;

/**
 * GPT-NeoX's byte-level BPE, the tokenizer of RWKV-4 (reference: Hugging Face `tokenizers` with
 * `20B_tokenizer.json`).
 *
 * It differs from `tokenizers` in two points, because a completion has to fit the bytes of a document:
 * text is not normalised to Unicode's form C first, and the text of a special token is ordinary text.
 * Bytes that never occur in UTF-8 and have no token get ids past the vocabulary, so that encoding is
 * lossless; documents do not contain them. `@huggingface/tokenizers` is not used: it reads text rather
 * than bytes, offers no boundaries at which to continue tokenisation, and reached 0.4 MB/s.
 */
export class NeoxTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  /** Two characters decide where white space ends, the first being white space: 3 + 4 bytes. */
  readonly lookahead = 7;
  private readonly bytes: readonly (Uint8Array | undefined)[];
  /** Merge of a pair, as left × (number of ids) + right. */
  private readonly merges: ReadonlyMap<number, Merge>;
  private readonly byteTokens: readonly number[];
  /** Tokens of a run of spaces, by its length. */
  private readonly spaces: readonly (number | undefined)[];
  private readonly cut: RegExp;
  private readonly cache = new Map<string, Piece>();

  /** @param file parsed `tokenizer.json` @throws Error naming the cause if it is not usable. */
  constructor(file: unknown) {
    const model = readTokenizerJson(file);
    const bytes = bytesOfTokens(model);
    this.vocabularySize = bytes.length;
    this.byteTokens = byteAlphabet.map((char, byte) => {
      const token = model.vocabulary.get(char);
      if (token !== undefined) return token;
      if (!inNoUtf8(byte))
        throw new ToldError(message("byte without token", message("it"), byte));
      return bytes.push(Uint8Array.of(byte)) - 1;
    });
    this.bytes = bytes;
    this.merges = new Map(
      model.merges.map(([left, right, id], rank) => [
        left * bytes.length + right,
        { rank, id },
      ]),
    );
    this.spaces = model.spaces;
    this.cut = pieceExpression(model.spaces.length - 1);
  }

  *pieces(bytes: Uint8Array): Iterable<Piece> {
    for (const [text] of escapedText(bytes).matchAll(this.cut))
      yield this.cache.get(text) ?? this.encodePiece(text);
  }

  bytesOf(token: number): Uint8Array {
    const bytes = this.bytes[token];
    if (bytes !== undefined) return bytes;
    if (!Number.isInteger(token) || token < 0 || token >= this.bytes.length)
      throw new RangeError(`token ${token} is not in the vocabulary`);
    return nothing;
  }

  private encodePiece(text: string): Piece {
    const bytes = escapedBytes(text);
    const run = /^ +$/.test(text) ? this.spaces[text.length] : undefined;
    const tokens =
      run !== undefined
        ? [run]
        : mergePairs(
            Array.from(bytes, (byte) => this.byteTokens[byte]!),
            (left, right) => this.merges.get(left * this.bytes.length + right),
          );
    const piece = { length: bytes.length, tokens };
    // Long pieces rarely recur and would take much memory.
    if (text.length <= 64) {
      if (this.cache.size >= cachedPieces) this.cache.clear();
      this.cache.set(text, piece);
    }
    return piece;
  }
}

const nothing = new Uint8Array(0);

function inNoUtf8(byte: number): boolean {
  return byte === 0xc0 || byte === 0xc1 || byte > 0xf4;
}

/**
 * GPT-2's expression
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * with bounded repetitions. Runs of two and more spaces are tokens that are found first, and for
 * the expression the text ends before them.
 *
 * @param longestRun of spaces that is a token, below 2 if there are none
 */
function pieceExpression(longestRun: number): RegExp {
  const most = longestPiece;
  const letters = ` ?\\p{L}{1,${most}}`;
  const numbers = ` ?\\p{N}{1,${most}}`;
  const others = ` ?[^\\p{White_Space}\\p{L}\\p{N}]{1,${most}}`;
  const runs = longestRun >= 2;
  const space = runs ? "(?:(?! )\\p{White_Space}| (?! ))" : "\\p{White_Space}";
  return new RegExp(
    [
      ...(runs ? [` {2,${longestRun}}`] : []),
      "'s|'t|'re|'ve|'m|'ll|'d",
      letters,
      numbers,
      others,
      `${space}{1,${most}}(?!\\P{White_Space})`,
      `${space}{1,${most}}`,
    ].join("|"),
    "gu",
  );
}

function bytesOfTokens({
  vocabulary,
  spaces,
  special,
}: ByteLevelBpe): (Uint8Array | undefined)[] {
  const bytes: (Uint8Array | undefined)[] = [];
  const put = (id: number, value: Uint8Array) => {
    if (bytes[id] !== undefined)
      throw new ToldError(message("two tokens with id", message("it"), id));
    bytes[id] = value;
  };
  for (const id of special) put(id, nothing);
  for (const [token, id] of vocabulary) {
    // Some files list special tokens in the vocabulary as well.
    if (special.has(id)) continue;
    const value = bytesOfAlphabet(token);
    if (value === undefined || value.length === 0)
      throw new ToldError(
        message("not in byte alphabet", JSON.stringify(token.slice(0, 40))),
      );
    put(id, value);
  }
  spaces.forEach((id, length) => {
    if (id !== undefined) put(id, Buffer.alloc(length, " "));
  });
  return bytes;
}
