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

/** Rows that an embedding may have beyond the tokenizer: it is rounded up to a multiple. */
const mostUnused = 1024;

/** A token that starts texts in World and GPT-NeoX models: `<|endoftext|>`. */
const endOfText = 0;

/** What to look for beside a checkpoint, by the size of its vocabulary. */
interface Kind {
  readonly names: RegExp;
  /** The usual name, and where such a file is to be had. */
  readonly wanted: string;
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
  const inside = tokenizerInGguf(checkpoint);
  if (inside !== undefined) {
    checkSize(inside.tokenizer, vocabulary, checkpoint.path);
    return inside;
  }
  if (vocabulary === 256) {
    const spec = { kind: "bytes" } as const;
    const tokenizer = openTokenizer("", spec);
    // There is no special token: a text begins as behind a line end.
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
 * The first tokenizer in a folder that belongs to a model of this vocabulary; undefined if no file
 * has a tokenizer's name.
 *
 * @throws ModelError that says why none of those that are there can be used
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
