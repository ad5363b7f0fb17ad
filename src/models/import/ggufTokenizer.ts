import { byteAlphabet } from "../../tokenizer/byteAlphabet";
import { BpeTokenizer, type BpeFile } from "../../tokenizer/bpe";
import { escapesOfBytes } from "../../tokenizer/pythonLiteral";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { gguf, type GgufMetadata, type GgufValue } from "../formats/ggufFile";

/** llama.cpp's numbers of token types (enum llama_token_type). */
const types = { normal: 1, control: 3, unused: 5 };

/**
 * The World tokenizer as llama.cpp has it: tokens as Python writes bytes, the end of a document first,
 * unused ids padded to the model's vocabulary.
 */
export function ggufWorld(
  tokenizer: Tokenizer,
  vocabulary: number,
): GgufMetadata {
  return list("rwkv", vocabulary, (id) => {
    if (id === 0) return ["<s>", types.control];
    const bytes =
      id < tokenizer.vocabularySize ? tokenizer.bytesOf(id) : new Uint8Array(0);
    return bytes.length === 0
      ? undefined
      : [escapesOfBytes(bytes), types.normal];
  });
}

/**
 * Our BPE as llama.cpp's "gpt2": the same tokens and merges. llama.cpp cuts text into pieces by
 * expressions of its own, none of which is ours, so it may tokenise a text differently; token ids
 * mean the same.
 */
export function ggufBpe(file: BpeFile, vocabulary: number): GgufMetadata {
  const tokenizer = new BpeTokenizer(file);
  const text = (id: number) =>
    Array.from(tokenizer.bytesOf(id), (byte) => byteAlphabet[byte]!).join("");
  const metadata = list("gpt2", vocabulary, (id) => {
    if (id < file.specials.length) return [file.specials[id]!, types.control];
    return id < tokenizer.vocabularySize ? [text(id), types.normal] : undefined;
  });
  const merges = file.merges.map(
    ([left, right]) => `${text(left)} ${text(right)}`,
  );
  return new Map([
    ...metadata,
    ["tokenizer.ggml.pre", gguf.text("gpt-2")],
    ["tokenizer.ggml.merges", gguf.texts(merges)],
  ]);
}

/** What every vocabulary has; token 0 starts and ends documents. */
function list(
  model: string,
  vocabulary: number,
  tokenOf: (id: number) => [text: string, type: number] | undefined,
): Map<string, GgufValue> {
  const tokens = Array.from(
    { length: vocabulary },
    (_, id) => tokenOf(id) ?? ([`[PAD${id}]`, types.unused] as const),
  );
  return new Map([
    ["tokenizer.ggml.model", gguf.text(model)],
    ["tokenizer.ggml.tokens", gguf.texts(tokens.map(([text]) => text))],
    ["tokenizer.ggml.token_type", gguf.int32s(tokens.map(([, type]) => type))],
    ["tokenizer.ggml.bos_token_id", gguf.uint32(0)],
    ["tokenizer.ggml.eos_token_id", gguf.uint32(0)],
    ["tokenizer.ggml.add_bos_token", gguf.bool(false)],
  ]);
}
