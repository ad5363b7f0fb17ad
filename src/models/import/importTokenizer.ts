import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  kindOfTokenizerFile,
  openTokenizer,
  type TokenizerSpec,
} from "../../tokenizer/open";
import { bytesOfEscapes } from "../../tokenizer/pythonLiteral";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import {
  formatVocabulary,
  WorldTokenizer,
  type WorldToken,
} from "../../tokenizer/world";
import type { CheckpointWeights } from "../formats/checkpoint";
import type { Manifest } from "../package/manifest";
import { ModelError } from "../modelError";

/** A model's tokenizer, found, and how it gets into the package. */
export interface FoundTokenizer {
  readonly tokenizer: Tokenizer;
  readonly spec: TokenizerSpec;
  readonly documentStart: Manifest["documentStart"];
  /** Contents of the tokenizer's file or the file to copy; none for bytes. */
  readonly file?: { readonly contents: string } | { readonly source: string };
}

/** Rows that an embedding may have beyond the tokenizer: it is rounded up to a multiple. */
const mostUnused = 1024;

/** A token that starts texts in World and GPT-NeoX models: `<|endoftext|>`. */
const endOfText = 0;

/** What to look for beside a checkpoint, by the size of its vocabulary. */
const world = {
  names: /^rwkv_vocab.*\.txt$/i,
  wanted: "rwkv_vocab_v20230424.txt",
};
const neox = { names: /^(.*[-_])?tokenizer\.json$/i, wanted: "tokenizer.json" };

/**
 * The tokenizer of a checkpoint: in the file itself, named by the user, or beside the file.
 *
 * @param path the file that the user names
 * @throws ModelError that says which file is missing, and where it is looked for
 */
export async function findTokenizer(
  checkpoint: CheckpointWeights,
  vocabulary: number,
  path?: string,
): Promise<FoundTokenizer> {
  if (path !== undefined) return fromFile(path, vocabulary);
  const inside = insideGguf(checkpoint, vocabulary);
  if (inside !== undefined) return inside;
  if (vocabulary === 256) {
    const spec = { kind: "bytes" } as const;
    const tokenizer = await openTokenizer("", spec);
    // There is no special token: a text begins as behind a line end.
    return { tokenizer, spec, documentStart: { tokens: [0x0a] } };
  }
  const folder = dirname(checkpoint.path);
  const first = vocabulary > 60_000 ? world : neox;
  const second = first === world ? neox : world;
  const files = (await readdir(folder)).sort();
  for (const { names } of [first, second]) {
    const file = files.find((name) => names.test(name));
    if (file !== undefined) return fromFile(join(folder, file), vocabulary);
  }
  throw new ModelError(
    `${checkpoint.path} has no tokenizer of its own; put the model's ${first.wanted} beside it, or name the file with --tokenizer`,
  );
}

async function fromFile(
  path: string,
  vocabulary: number,
): Promise<FoundTokenizer> {
  const folder = dirname(path);
  let spec: TokenizerSpec;
  let tokenizer: Tokenizer;
  try {
    spec = await kindOfTokenizerFile(folder, basename(path));
    tokenizer = await openTokenizer(folder, spec);
  } catch (error) {
    throw new ModelError(
      `${path} is no usable tokenizer (${(error as Error).message}); choose the file that came with the model`,
      { cause: error },
    );
  }
  checkSize(tokenizer, vocabulary, path);
  const name = spec.kind === "world" ? "vocabulary.txt" : "tokenizer.json";
  return {
    tokenizer,
    spec: { kind: spec.kind, file: name } as TokenizerSpec,
    documentStart:
      spec.kind === "bpe" ? { file: 0, text: 1 } : { tokens: [endOfText] },
    file: { source: path },
  };
}

/**
 * llama.cpp keeps the World vocabulary in a GGUF as Python writes bytes, `\xff` and all; unused ids
 * are padded.
 */
function insideGguf(
  { metadata, path }: CheckpointWeights,
  vocabulary: number,
): FoundTokenizer | undefined {
  const texts = metadata.get("tokenizer.ggml.tokens");
  if (metadata.get("tokenizer.ggml.model") !== "rwkv" || !isTexts(texts))
    return undefined;
  let tokens: WorldToken[];
  let tokenizer: Tokenizer;
  try {
    const types = metadata.get("tokenizer.ggml.token_type");
    tokens = texts.flatMap((text, id) => {
      const isText = Array.isArray(types)
        ? Number(types[id]) === normal
        : id > 0;
      return isText ? [{ id, bytes: bytesOfEscapes(text, true) }] : [];
    });
    tokenizer = new WorldTokenizer(tokens);
  } catch (error) {
    throw new ModelError(
      `the tokenizer in ${path} cannot be used (${(error as Error).message}); name another with --tokenizer`,
      { cause: error },
    );
  }
  checkSize(tokenizer, vocabulary, path);
  return {
    tokenizer,
    spec: { kind: "world", file: "vocabulary.txt" },
    documentStart: { tokens: [endOfText] },
    file: { contents: formatVocabulary(tokens) },
  };
}

/** llama.cpp's number for tokens that are text (enum llama_token_type). */
const normal = 1;

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((text) => typeof text === "string")
  );
}

function checkSize(
  { vocabularySize }: Tokenizer,
  vocabulary: number,
  path: string,
): void {
  if (vocabularySize > vocabulary || vocabularySize + mostUnused < vocabulary) {
    throw new ModelError(
      `${path} has ${vocabularySize} tokens, the model ${vocabulary}: they do not belong together, so choose the tokenizer that came with the model`,
    );
  }
}
