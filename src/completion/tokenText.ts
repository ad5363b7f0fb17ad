import type { Tokenizer } from "../tokenizer/tokenizer";
import { isWordByte } from "../text/words";

/** The bytes of a token; none for ids beyond the vocabulary, which some models have. */
export function bytesOf(tokenizer: Tokenizer, token: number): Uint8Array {
  const isText = token >= 0 && token < tokenizer.vocabularySize;
  return isText ? tokenizer.bytesOf(token) : new Uint8Array(0);
}

const wordStartsOf = new WeakMap<Tokenizer, Uint8Array>();

/** 1 for each token whose text begins with a word's byte, [vocabularySize]; made once a tokenizer. */
export function wordStarts(tokenizer: Tokenizer): Uint8Array {
  let starts = wordStartsOf.get(tokenizer);
  if (starts === undefined) {
    starts = new Uint8Array(tokenizer.vocabularySize);
    for (let id = 0; id < starts.length; id++)
      starts[id] = Number(isWordByte(tokenizer.bytesOf(id)[0] ?? 0));
    wordStartsOf.set(tokenizer, starts);
  }
  return starts;
}
