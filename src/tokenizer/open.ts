import { join } from "node:path";
import { parseBoundedJson } from "../files/boundedJson";
import { readRegularFile } from "../files/regularFile";
import { BpeTokenizer } from "./bpe";
import { ByteTokenizer } from "./bytes";
import { NeoxTokenizer } from "./neox";
import type { Tokenizer } from "./tokenizer";
import { WorldTokenizer } from "./world";

/** Tokenizers that come with a file. */
export const fileTokenizers = ["bpe", "world", "neox"] as const;

/** Which tokenizer a model has, and its file's name; bytes need none. */
export type TokenizerSpec =
  { kind: (typeof fileTokenizers)[number]; file: string } | { kind: "bytes" };

/** Bytes of the largest file that is read; the official ones have 1 and 2.5 MB. */
const largestFile = 32 << 20;
/** The official files have a third of a million values, four levels deep. */
const bounds = { depth: 16, values: 1 << 21 };

/**
 * The tokenizer of a model.
 *
 * @param folder that has the file
 * @throws Error naming the cause, without the file's name
 */
export function openTokenizer(folder: string, spec: TokenizerSpec): Tokenizer {
  if (spec.kind === "bytes") return new ByteTokenizer();
  const path = join(folder, spec.file);
  const text = readRegularFile(path, largestFile).toString();
  switch (spec.kind) {
    case "bpe":
      return new BpeTokenizer(parsed(text));
    case "neox":
      return new NeoxTokenizer(parsed(text));
    case "world":
      return WorldTokenizer.parse(text);
  }
}

/**
 * What kind of tokenizer a file holds, by its first bytes.
 *
 * @throws Error if it is of no known kind
 */
export function kindOfTokenizerFile(
  folder: string,
  file: string,
): TokenizerSpec {
  const path = join(folder, file);
  const text = readRegularFile(path, largestFile).toString();
  if (/^\d+ b?['"]/.test(text)) return { kind: "world", file };
  const value = parsed(text);
  const isOurs = (value as { format?: unknown } | null)?.format === "rwkv-bpe";
  return { kind: isOurs ? "bpe" : "neox", file };
}

function parsed(text: string): unknown {
  return parseBoundedJson(text, bounds);
}
