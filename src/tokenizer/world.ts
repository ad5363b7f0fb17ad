import { detailOf, message, ToldError } from "../messages";
import { bytesOfPythonLiteral, escapesOfBytes } from "./pythonLiteral";
import type { Piece, Tokenizer } from "./tokenizer";

/** A token of the vocabulary file. */
export interface WorldToken {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** Bounds on what a vocabulary file may claim; the official one has 65,529 tokens of ≤ 128 bytes. */
const mostTokens = 1 << 18;
const longestToken = 1024;
const mostNodes = 1 << 23;

/**
 * The tokenizer of RWKV World models: at each position the longest matching token of the vocabulary
 * (reference: `rwkv_tokenizer.py` in BlinkDL/ChatRWKV).
 *
 * Every token is a piece, since it does not depend on the bytes before it.
 */
export class WorldTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly lookahead: number;
  private readonly bytes: (Uint8Array | undefined)[] = [];
  /** One piece a token, made once. */
  private readonly found: (Piece | undefined)[] = [];
  private readonly trie: ByteTrie;

  /** @throws Error naming the cause if no text could be tokenised with `tokens` without loss. */
  constructor(tokens: readonly WorldToken[]) {
    this.trie = new ByteTrie(
      tokens.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    for (const { id, bytes } of tokens) {
      if (!Number.isInteger(id) || id < 1 || id >= mostTokens)
        throw new ToldError(message("token id", id));
      if (this.bytes[id] !== undefined)
        throw new ToldError(
          message("two tokens with id", message("vocabulary"), id),
        );
      if (bytes.length < 1 || bytes.length > longestToken)
        throw new ToldError(message("token length", id));
      if (!this.trie.add(bytes, id))
        throw new ToldError(message("token twice", id));
      this.bytes[id] = bytes;
      this.found[id] = { length: bytes.length, tokens: [id] };
    }
    for (let byte = 0; byte < 256; byte++) {
      if (this.trie.longest(Uint8Array.of(byte), 0) === 0)
        throw new ToldError(
          message("byte without token", message("vocabulary"), byte),
        );
    }
    this.vocabularySize = this.bytes.length;
    this.lookahead = this.trie.lookahead();
  }

  /**
   * Reads the official vocabulary file: a line a token, `id 'Python literal' length in bytes`.
   *
   * @throws Error naming the line and the cause
   */
  static parse(text: string): WorldTokenizer {
    return new WorldTokenizer(parseVocabulary(text));
  }

  *pieces(bytes: Uint8Array): Iterable<Piece> {
    for (let at = 0; at < bytes.length;) {
      const piece = this.found[this.trie.longest(bytes, at)]!;
      yield piece;
      at += piece.length;
    }
  }

  bytesOf(token: number): Uint8Array {
    const bytes = this.bytes[token];
    if (bytes !== undefined) return bytes;
    if (!Number.isInteger(token) || token < 0 || token >= this.vocabularySize)
      throw new RangeError(`token ${token} is not in the vocabulary`);
    // Id 0 ends a document and has no text, nor have other missing ids.
    return nothing;
  }
}

const nothing = new Uint8Array(0);

function parseVocabulary(text: string): WorldToken[] {
  const tokens: WorldToken[] = [];
  let number = 0;
  // Only LF ends a line: Python writes other line ends inside a literal as escapes or as they are.
  for (const line of linesOf(text)) {
    if (++number > mostTokens)
      throw new ToldError(message("vocabulary lines", mostTokens));
    if (line === "" || line === "\r") continue;
    const parts = /^(\d{1,9}) (.+) (\d{1,9})\r?$/su.exec(line);
    if (parts === null) throw new ToldError(message("vocabulary line", number));
    let bytes: Uint8Array;
    try {
      bytes = bytesOfPythonLiteral(parts[2]!);
    } catch (error) {
      throw new ToldError(
        message("vocabulary token", number, detailOf(error)),
        { cause: error },
      );
    }
    if (bytes.length !== Number(parts[3]))
      throw new ToldError(
        message(
          "vocabulary token length",
          number,
          bytes.length,
          Number(parts[3]),
        ),
      );
    tokens.push({ id: Number(parts[1]), bytes });
  }
  return tokens;
}

/** The lines of a text, made one at a time as they are read. */
function* linesOf(text: string): Iterable<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 1;
  }
}

/** A vocabulary file of these tokens. */
export function formatVocabulary(tokens: readonly WorldToken[]): string {
  return tokens
    .map(
      ({ id, bytes }) => `${id} b'${escapesOfBytes(bytes)}' ${bytes.length}\n`,
    )
    .join("");
}

/** Tokens by their bytes. Nodes are numbers, edges lie in one hash table with open addressing. */
class ByteTrie {
  /** Token that ends at a node, 0 for none. */
  private readonly ends: Int32Array;
  /** Edges: parent × 256 + byte, −1 for none, and the node they lead to. */
  private readonly keys: Int32Array;
  private readonly targets: Int32Array;
  private readonly mask: number;
  private nodes = 1;

  constructor(bytes: number) {
    if (bytes + 1 > mostNodes)
      throw new ToldError(message("vocabulary bytes", bytes));
    const slots = 2 ** Math.ceil(Math.log2(2 * bytes + 2));
    this.ends = new Int32Array(bytes + 1);
    this.keys = new Int32Array(slots).fill(-1);
    this.targets = new Int32Array(slots);
    this.mask = slots - 1;
  }

  /** @returns false if the trie already has a token with these bytes */
  add(bytes: Uint8Array, id: number): boolean {
    let node = 0;
    for (const byte of bytes) {
      const slot = this.slot(node, byte);
      if (this.keys[slot]! < 0) {
        this.keys[slot] = (node << 8) | byte;
        this.targets[slot] = this.nodes++;
      }
      node = this.targets[slot]!;
    }
    if (this.ends[node] !== 0) return false;
    this.ends[node] = id;
    return true;
  }

  /** The longest token at `start`, 0 if there is none. */
  longest(bytes: Uint8Array, start: number): number {
    let found = 0;
    let node = 0;
    for (let at = start; at < bytes.length; at++) {
      const slot = this.slot(node, bytes[at]!);
      if (this.keys[slot]! < 0) break;
      node = this.targets[slot]!;
      const end = this.ends[node]!;
      if (end !== 0) found = end;
    }
    return found;
  }

  /**
   * The most bytes after the end of the found token that a search reads: up to the first byte without an
   * edge.
   */
  lookahead(): number {
    // Of each node: edges since the last token on the way to it.
    const since = new Int32Array(this.nodes);
    const leaves = new Uint8Array(this.nodes).fill(1);
    const parents = new Int32Array(this.nodes);
    for (let slot = 0; slot < this.keys.length; slot++) {
      if (this.keys[slot]! < 0) continue;
      parents[this.targets[slot]!] = this.keys[slot]! >>> 8;
      leaves[this.keys[slot]! >>> 8] = 0;
    }
    let most = 0;
    // A child has a higher number than its parent.
    for (let node = 1; node < this.nodes; node++) {
      since[node] = this.ends[node] === 0 ? since[parents[node]!]! + 1 : 0;
      if (leaves[node] === 0) most = Math.max(most, since[node]! + 1);
    }
    return most;
  }

  private slot(node: number, byte: number): number {
    const key = (node << 8) | byte;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & this.mask;
    while (this.keys[slot]! >= 0 && this.keys[slot] !== key)
      slot = (slot + 1) & this.mask;
    return slot;
  }
}
