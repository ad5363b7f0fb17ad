import { detailOf, message, ToldError } from "../../messages";
import { BpeTokenizer, type BpeFile } from "../../tokenizer/bpe";
import { byteAlphabet } from "../../tokenizer/byteAlphabet";
import { bytesOfEscapes } from "../../tokenizer/pythonLiteral";
import {
  formatVocabulary,
  WorldTokenizer,
  type WorldToken,
} from "../../tokenizer/world";
import type { CheckpointWeights, Metadata } from "../formats/checkpoint";
import type { FoundTokenizer } from "./foundTokenizer";
import { ModelError } from "../modelError";

/** `<|endoftext|>`, the token at the start of a text in World models. */
const endOfText = 0;

/** llama.cpp's number for the type of tokens that are text (enum llama_token_type). */
const normal = 1;

/**
 * The tokenizer in a GGUF: the World vocabulary or this project's BPE (`ggufTokenizer.ts` writes both).
 * Undefined if there is none, or one of another kind.
 *
 * @throws ModelError if it is damaged
 */
export function tokenizerInGguf({
  metadata,
  path,
}: CheckpointWeights): FoundTokenizer | undefined {
  const tokens = texts(metadata, "tokenizer.ggml.tokens");
  if (tokens === undefined) return undefined;
  try {
    switch (metadata.get("tokenizer.ggml.model")) {
      case "rwkv":
        return world(metadata, tokens);
      case "gpt2":
        return ownBpe(tokens, texts(metadata, "tokenizer.ggml.merges"));
      default:
        return undefined;
    }
  } catch (error) {
    throw new ModelError(
      {
        code: "tokenizer in checkpoint unusable",
        args: [path, detailOf(error)],
      },
      { cause: error },
    );
  }
}

/** The name of the kind of tokenizer in a GGUF, quoted for a message; undefined if there is none. */
export function foreignTokenizer({
  metadata,
}: CheckpointWeights): string | undefined {
  const model = metadata.get("tokenizer.ggml.model");
  return typeof model === "string"
    ? JSON.stringify(model.slice(0, 80))
    : undefined;
}

/**
 * Reads the World vocabulary. llama.cpp stores each token with the escapes of a Python bytes literal,
 * such as `\xff`. Ids without a token have a placeholder of another type, which is skipped.
 */
function world(metadata: Metadata, texts: readonly string[]): FoundTokenizer {
  const types = metadata.get("tokenizer.ggml.token_type");
  const tokens: WorldToken[] = texts.flatMap((text, id) => {
    const isText = Array.isArray(types) ? Number(types[id]) === normal : id > 0;
    return isText ? [{ id, bytes: bytesOfEscapes(text, true) }] : [];
  });
  return {
    tokenizer: new WorldTokenizer(tokens),
    spec: { kind: "world", file: "vocabulary.txt" },
    documentStart: { tokens: [endOfText] },
    file: { contents: formatVocabulary(tokens) },
  };
}

/**
 * Reads this project's BPE. It is recognised by the order of its tokens: special tokens, the bytes from
 * 0 to 255, then one token per merge in the order of the merges. (GPT-2 orders the bytes differently.)
 *
 * @returns undefined if the tokens have another order
 * @throws ToldError if two tokens are the same text
 */
function ownBpe(
  tokens: readonly string[],
  merges: readonly string[] | undefined,
): FoundTokenizer | undefined {
  const first = tokens.indexOf(byteAlphabet[0]!);
  const areBytes = byteAlphabet.every((text, i) => tokens[first + i] === text);
  if (first < 0 || !areBytes || merges === undefined) return undefined;
  const ids = new Map(byteAlphabet.map((text, i) => [text, first + i]));
  const pairs: BpeFile["merges"] = [];
  for (const [i, merge] of merges.entries()) {
    const [left, right, ...rest] = merge
      .split(" ")
      .map((text) => ids.get(text));
    const id = first + 256 + i;
    const text = tokens[id];
    if (
      left === undefined ||
      right === undefined ||
      rest.length > 0 ||
      text !== merge.replace(" ", "")
    )
      return undefined;
    if (ids.has(text)) {
      throw new ToldError(message("same text", String(ids.get(text)), id));
    }
    ids.set(text, id);
    pairs.push([left, right]);
  }
  const file: BpeFile = {
    format: "rwkv-bpe",
    version: 1,
    specials: tokens.slice(0, first),
    merges: pairs,
  };
  return {
    tokenizer: new BpeTokenizer(file),
    spec: { kind: "bpe", file: "tokenizer.json" },
    documentStart: { file: 0, text: 1 },
    file: { contents: `${JSON.stringify(file)}\n` },
  };
}

function texts(metadata: Metadata, key: string): readonly string[] | undefined {
  const value = metadata.get(key);
  const isTexts =
    Array.isArray(value) && value.every((text) => typeof text === "string");
  return isTexts ? value : undefined;
}
