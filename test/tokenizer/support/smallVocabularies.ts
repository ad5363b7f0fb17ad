import { byteAlphabet } from "../../../src/tokenizer/byteAlphabet";

/** A World vocabulary file of all bytes and some longer tokens, ids from 1. */
export function smallWorldVocabulary(): string {
  const lines = Array.from({ length: 256 }, (_, byte) => {
    const hex = byte.toString(16).padStart(2, "0");
    return byte < 0x80 ? `'\\x${hex}' 1` : `b'\\x${hex}' 1`;
  });
  lines.push("'let' 3", "'return' 6", "' return' 7", "'    ' 4", `"it's" 4`);
  lines.push("'中文' 6", "b'\\xe4\\xb8' 2", "'\\n\\n' 2", "'\\u200b' 3");
  return lines.map((line, i) => `${i + 1} ${line}\n`).join("");
}

/** A `tokenizer.json` of a byte-level BPE: all bytes, three merges, runs of two and three spaces. */
export function smallTokenizerJson() {
  const vocab: Record<string, number> = {};
  byteAlphabet.forEach((char, byte) => (vocab[char] = 1 + byte));
  const merges = ["l e", "le t", "i n"];
  merges.forEach((merge, i) => (vocab[merge.replace(" ", "")] = 257 + i));
  const added = (id: number, content: string, special: boolean) => ({
    id,
    content,
    special,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: !special,
  });
  return {
    version: "1.0",
    added_tokens: [
      added(0, "<|endoftext|>", true),
      added(260, "  ", false),
      added(261, "   ", false),
    ],
    normalizer: { type: "NFC" } as unknown,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false } as unknown,
    model: { type: "BPE", vocab, merges: merges as unknown[] },
  };
}
