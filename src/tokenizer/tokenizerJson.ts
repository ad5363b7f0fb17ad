import { message, ToldError } from "../messages";

/** The checked contents of a `tokenizer.json` of a byte-level BPE. */
export interface ByteLevelBpe {
  /** Ids of the tokens, which are written in the byte alphabet. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Ids of left token, right token and merged token, in the order of their ranks. */
  readonly merges: readonly (readonly [number, number, number])[];
  /** Tokens for runs of spaces, by length; empty or without gaps from 2 on. */
  readonly spaces: readonly (number | undefined)[];
  /** Tokens that stand for no text. */
  readonly special: ReadonlySet<number>;
}

/** Bounds on what a file may claim. */
const mostTokens = 1 << 18;
const longestToken = 1024;

/**
 * Reads a parsed `tokenizer.json` (format: Hugging Face `tokenizers`) of a byte-level BPE like
 * GPT-NeoX's.
 *
 * @throws Error naming the cause if it is another or is damaged
 */
export function readTokenizerJson(file: unknown): ByteLevelBpe {
  const {
    model,
    pre_tokenizer: split,
    normalizer,
    added_tokens,
  } = object(file);
  const { type, vocab, merges } = object(model);
  const { type: splitType, add_prefix_space, use_regex } = object(split);
  if (type !== "BPE") throw new ToldError(message("no BPE"));
  if (
    splitType !== "ByteLevel" ||
    add_prefix_space === true ||
    use_regex === false
  )
    throw new ToldError(message("other pieces"));
  if (normalizer != null && object(normalizer).type !== "NFC")
    throw new ToldError(message("changes text"));
  for (const key of [
    "dropout",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "byte_fallback",
    "ignore_merges",
  ]) {
    if (object(model)[key])
      throw new ToldError(message("model option", `"${key}"`));
  }
  const vocabulary = readVocabulary(vocab);
  return {
    vocabulary,
    merges: readMerges(merges, vocabulary),
    ...readAdded(added_tokens ?? []),
  };
}

function readVocabulary(vocab: unknown): Map<string, number> {
  const entries = Object.entries(object(vocab));
  if (entries.length > mostTokens)
    throw new ToldError(message("too many tokens", entries.length));
  return new Map(
    entries.map(([token, id]) => {
      if (!isId(id) || token.length > longestToken)
        throw new ToldError(message("token invalid", shown(token)));
      return [token, id];
    }),
  );
}

function readMerges(
  merges: unknown,
  vocabulary: ReadonlyMap<string, number>,
): [number, number, number][] {
  if (!Array.isArray(merges) || merges.length > mostTokens)
    throw new ToldError(message("merges invalid"));
  const seen = new Set<string>();
  return merges.map((merge: unknown, index) => {
    // Older files write "left right", newer ones ["left", "right"].
    const pair: unknown =
      typeof merge === "string" ? merge.split(" ", 3) : merge;
    if (!isPair(pair)) throw new ToldError(message("merge no pair", index));
    const [left, right, joined] = [...pair, pair.join("")].map((token) =>
      vocabulary.get(token),
    );
    if (left === undefined || right === undefined || joined === undefined)
      throw new ToldError(message("merge of unknown", index));
    const key = pair.join(" ");
    if (seen.has(key)) throw new ToldError(message("merge twice", index));
    seen.add(key);
    return [left, right, joined];
  });
}

function readAdded(added: unknown): Pick<ByteLevelBpe, "spaces" | "special"> {
  if (!Array.isArray(added) || added.length > mostTokens)
    throw new ToldError(message("added no list"));
  const spaces: (number | undefined)[] = [];
  const special = new Set<number>();
  for (const entry of added as unknown[]) {
    const token = object(entry);
    const { id, content } = token;
    if (!isId(id) || typeof content !== "string")
      throw new ToldError(message("added incomplete"));
    if (token.special === true) {
      special.add(id);
      continue;
    }
    const plain = !token.single_word && !token.lstrip && !token.rstrip;
    if (
      !plain ||
      !/^ {2,1024}$/.test(content) ||
      spaces[content.length] !== undefined
    )
      throw new ToldError(message("added unread", shown(content)));
    spaces[content.length] = id;
  }
  for (let length = 2; length < spaces.length; length++) {
    if (spaces[length] === undefined)
      throw new ToldError(message("spaces lack", length));
  }
  return { spaces, special };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : {};
}

function isId(value: unknown): value is number {
  return (
    Number.isInteger(value) &&
    (value as number) >= 0 &&
    (value as number) < mostTokens
  );
}

function isPair(value: unknown): value is [string, string] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((token) => typeof token === "string")
  );
}

function shown(token: string): string {
  return JSON.stringify(token.slice(0, 40));
}
