import { detailOf, message, type Argument } from "../../messages";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  kindOfTokenizerFile,
  openTokenizer,
  type TokenizerSpec,
} from "../../tokenizer/open";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { CheckpointWeights } from "../formats/checkpoint";
import { ModelError } from "../modelError";
import type { FoundTokenizer } from "./foundTokenizer";
import { foreignTokenizer, tokenizerInGguf } from "./tokenizerInGguf";

/** The most rows of an embedding without a token: its rows are often rounded up to a multiple. */
const mostUnused = 1024;

/** `<|endoftext|>`, the token at the start of a text in World and GPT-NeoX models. */
const endOfText = 0;

/** A kind of tokenizer file to look for beside a checkpoint. */
interface Kind {
  /** Matches the names of such files. */
  readonly names: RegExp;
  /** The usual name. */
  readonly wanted: string;
  /** Where to get such a file: the end of a sentence, possibly empty. */
  readonly source: Argument;
}
const world: Kind = {
  names: /^((.*[-_.])?rwkv[-_.]?vocab.*|vocab)\.txt$/i,
  wanted: "rwkv_vocab_v20230424.txt",
  source: message("tokenizer source"),
};
const neox: Kind = {
  names: /^(.*[-_])?tokenizer\.json$/i,
  wanted: "tokenizer.json",
  source: "",
};

/**
 * Finds the tokenizer of a checkpoint: the file that the user named, else the one in the checkpoint,
 * else (for models of 256 tokens) the byte tokenizer, else a file beside the checkpoint.
 *
 * @param vocabulary rows of the embedding
 * @param path the tokenizer's file, if the user named one
 * @throws ModelError if a tokenizer is damaged or of another model, or that names the missing file
 */
export async function findTokenizer(
  checkpoint: CheckpointWeights,
  vocabulary: number,
  path?: string,
): Promise<FoundTokenizer> {
  if (path !== undefined) return fromFile(path, vocabulary);
  const inside = tokenizerInGguf(checkpoint);
  if (inside !== undefined) {
    checkSize(inside.tokenizer, vocabulary, checkpoint.path);
    return inside;
  }
  if (vocabulary === 256) {
    const spec = { kind: "bytes" } as const;
    const tokenizer = openTokenizer("", spec);
    // There are no special tokens. A document starts with a line feed, as if a line had just ended.
    return { tokenizer, spec, documentStart: { tokens: [0x0a] } };
  }
  const first = vocabulary > 60_000 ? world : neox;
  const second = first === world ? neox : world;
  const beside = await fromFolder(
    dirname(checkpoint.path),
    [first, second],
    vocabulary,
  );
  if (beside !== undefined) return beside;
  const foreign = foreignTokenizer(checkpoint);
  const { wanted, source } = first;
  throw new ModelError(
    foreign === undefined
      ? { code: "no tokenizer", args: [checkpoint.path, wanted, source] }
      : {
          code: "no tokenizer that is read",
          args: [checkpoint.path, foreign, wanted, source],
        },
  );
}

/**
 * The first tokenizer in a folder that fits a vocabulary of this size; undefined if no file has the
 * name of a tokenizer.
 *
 * @param kinds in the order in which they are tried
 * @throws ModelError that says why the first file cannot be used, if no file can
 */
async function fromFolder(
  folder: string,
  kinds: readonly Kind[],
  vocabulary: number,
): Promise<FoundTokenizer | undefined> {
  const names = (await readdir(folder)).sort();
  let failure: unknown;
  for (const kind of kinds) {
    const files = names.filter((name) => kind.names.test(name));
    // The one with the usual name first.
    files.sort((a, b) => Number(b === kind.wanted) - Number(a === kind.wanted));
    for (const file of files) {
      try {
        return fromFile(join(folder, file), vocabulary);
      } catch (error) {
        failure ??= error;
      }
    }
  }
  if (failure !== undefined) throw failure as Error;
  return undefined;
}

/** @throws ModelError if the file is no tokenizer or does not fit a vocabulary of this size. */
function fromFile(path: string, vocabulary: number): FoundTokenizer {
  const folder = dirname(path);
  let spec: TokenizerSpec;
  let tokenizer: Tokenizer;
  try {
    spec = kindOfTokenizerFile(folder, basename(path));
    tokenizer = openTokenizer(folder, spec);
  } catch (error) {
    throw new ModelError(
      { code: "tokenizer unusable", args: [path, detailOf(error)] },
      { cause: error },
    );
  }
  checkSize(tokenizer, vocabulary, path);
  const name = spec.kind === "world" ? "vocabulary.txt" : "tokenizer.json";
  return {
    tokenizer,
    spec: { kind: spec.kind, file: name },
    documentStart:
      spec.kind === "bpe" ? { file: 0, text: 1 } : { tokens: [endOfText] },
    file: { source: path },
  };
}

function checkSize(
  { vocabularySize }: Tokenizer,
  vocabulary: number,
  path: string,
): void {
  if (vocabularySize > vocabulary || vocabularySize + mostUnused < vocabulary) {
    throw new ModelError({
      code: "tokenizer of another model",
      args: [path, vocabularySize, vocabulary],
    });
  }
}
