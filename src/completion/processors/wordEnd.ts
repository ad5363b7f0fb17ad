import type { Tokenizer } from "../../tokenizer/tokenizer";
import { isWordByte } from "../healing";
import type { LogitsProcessor } from "./processor";

/** A whole name stands before the generated text: no word goes on behind it. */
export class WordEnd implements LogitsProcessor {
  private isPassed = false;

  constructor(private readonly tokenizer: Tokenizer) {}

  process(probabilities: Float32Array): Float32Array {
    if (this.isPassed) return probabilities;
    const { tokenizer } = this;
    const next = probabilities.slice();
    for (let token = 0; token < tokenizer.vocabularySize; token++)
      if (isWordByte(tokenizer.bytesOf(token)[0] ?? 0)) next[token] = 0;
    return next;
  }

  accept(): void {
    this.isPassed = true;
  }
}
