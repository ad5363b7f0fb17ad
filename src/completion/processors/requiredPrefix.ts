import { PrefixIndex } from "../../tokenizer/prefixIndex";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { keepOnly, type LogitsProcessor } from "./processor";

/** Makes the generated text begin with the healed prefix. */
export class RequiredPrefix implements LogitsProcessor {
  private readonly index: PrefixIndex;

  constructor(
    private readonly tokenizer: Tokenizer,
    private left: Uint8Array,
  ) {
    this.index = PrefixIndex.of(tokenizer);
  }

  process(probabilities: Float32Array): Float32Array {
    const { index, left } = this;
    if (left.length === 0) return probabilities;
    return keepOnly(probabilities, [
      ...index.within(left),
      ...index.startingWith(left),
    ]);
  }

  accept(token: number): void {
    if (this.left.length > 0)
      this.left = this.left.subarray(this.tokenizer.bytesOf(token).length);
  }
}
