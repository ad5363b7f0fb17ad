import type { Tokenizer } from "../../tokenizer/tokenizer";
import { bytesOf } from "../tokenText";
import type { LogitsProcessor } from "./processor";

/** Forbids the tokens with which earlier texts begin as the first token of the text. */
export class OtherStart implements LogitsProcessor {
  /**
   * @param taken the first tokens of the earlier texts
   * @param skippedBytes bytes generated first that are not part of the text
   */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly taken: readonly number[],
    private skippedBytes: number,
  ) {}

  process(probabilities: Float32Array): Float32Array {
    const { tokenizer, taken, skippedBytes } = this;
    if (skippedBytes < 0) return probabilities;
    const isText = (token: number) =>
      bytesOf(tokenizer, token).length > skippedBytes;
    const forbidden = taken.filter(isText);
    if (forbidden.length === 0) return probabilities;
    const next = probabilities.slice();
    for (const token of forbidden) next[token] = 0;
    return next;
  }

  accept(token: number): void {
    // Negative once the text has begun.
    this.skippedBytes -= bytesOf(this.tokenizer, token).length;
  }
}
