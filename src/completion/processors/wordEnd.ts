import type { Tokenizer } from "../../tokenizer/tokenizer";
import { wordStarts } from "../tokenText";
import type { LogitsProcessor } from "./processor";

/** Forbids word characters at the start of a text that follows a whole name. */
export class WordEnd implements LogitsProcessor {
  private isPassed = false;

  constructor(private readonly tokenizer: Tokenizer) {}

  process(probabilities: Float32Array): Float32Array {
    if (this.isPassed) return probabilities;
    const isWord = wordStarts(this.tokenizer);
    const next = probabilities.slice();
    for (let token = 0; token < isWord.length; token++)
      if (isWord[token] === 1) next[token] = 0;
    return next;
  }

  accept(): void {
    this.isPassed = true;
  }
}
