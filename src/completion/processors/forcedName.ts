import { PrefixIndex } from "../../tokenizer/prefixIndex";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { isWordByte } from "../healing";
import { keepOnly, type LogitsProcessor } from "./processor";

/** The generated text has to begin with a whole name, which ends there: no word goes on behind it. */
export class ForcedName implements LogitsProcessor {
  private readonly index: PrefixIndex;
  private isEnded = false;

  /** @param left bytes of the name, or of what is left of it */
  constructor(
    private readonly tokenizer: Tokenizer,
    private left: Uint8Array,
  ) {
    this.index = PrefixIndex.of(tokenizer);
  }

  process(probabilities: Float32Array): Float32Array {
    if (this.left.length > 0)
      return keepOnly(probabilities, this.index.within(this.left));
    if (this.isEnded) return probabilities;
    const { tokenizer } = this;
    const next = probabilities.slice();
    for (let token = 0; token < tokenizer.vocabularySize; token++)
      if (isWordByte(tokenizer.bytesOf(token)[0] ?? 0)) next[token] = 0;
    return next;
  }

  accept(token: number): void {
    if (this.left.length === 0) this.isEnded = true;
    else this.left = this.left.subarray(this.tokenizer.bytesOf(token).length);
  }
}
