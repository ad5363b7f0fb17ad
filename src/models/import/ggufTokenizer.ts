import { byteAlphabet } from "../../tokenizer/byteAlphabet";
import { BpeTokenizer, type BpeFile } from "../../tokenizer/bpe";
import { escapesOfBytes } from "../../tokenizer/pythonLiteral";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { gguf, type GgufMetadata, type GgufValue } from "../formats/ggufFile";

/** llama.cpp's numbers for token types (enum llama_token_type). */
const types = { normal: 1, control: 3, unused: 5 };

/**
 * The World tokenizer as GGUF metadata for llama.cpp. Tokens are written with the escapes of a Python
 * bytes literal. Token 0 ends a document. Ids without a token get a placeholder.
 *
 * @param vocabulary rows of the model's embedding
 */
export function ggufWorld(
  tokenizer: Tokenizer,
  vocabulary: number,
): GgufMetadata {
  return vocabularyMetadata("rwkv", vocabulary, (id) => {
    if (id === 0) return ["<s>", types.control];
    const bytes =
      id < tokenizer.vocabularySize ? tokenizer.bytesOf(id) : new Uint8Array(0);
    return bytes.length === 0
      ? undefined
      : [escapesOfBytes(bytes), types.normal];
  });
}

/**
 * This project's BPE as GGUF metadata, in llama.cpp's kind "gpt2", with the same tokens and merges.
 * Before it merges, llama.cpp splits a text by one of its built-in regular expressions; none of them
 * splits as this project does. So it may tokenise a text differently, but an id means the same token.
 *
 * @param vocabulary rows of the model's embedding
 */
export function ggufBpe(file: BpeFile, vocabulary: number): GgufMetadata {
  const tokenizer = new BpeTokenizer(file);
  const text = (id: number) =>
    Array.from(tokenizer.bytesOf(id), (byte) => byteAlphabet[byte]!).join("");
  const metadata = vocabularyMetadata("gpt2", vocabulary, (id) => {
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

/**
 * The metadata of a vocabulary of either kind. Token 0 starts and ends documents.
 *
 * @param model llama.cpp's name for the kind of tokenizer
 * @param tokenOf text and type of the token with an id; undefined if no token has the id
 */
function vocabularyMetadata(
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
