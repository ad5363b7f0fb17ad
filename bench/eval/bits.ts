import { copyCandidates } from "../../src/copying/copyCandidates";
import { CopyIndex, maxMatchLength } from "../../src/copying/copyIndex";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import { mix } from "../../src/runtime/mixture";
import type { Followed } from "../../src/state/tokenVectors";
import { leastProbability } from "./lineBits";
import { LineEnds } from "./lineEnds";
import { RowNeighbours } from "./rowNeighbours";
import type { SourceFile } from "./sourceFiles";
import type { Prediction } from "./steadyModel";
import type { Subject } from "./subject";

/** What is mixed in, besides what the text before offers. */
export interface MixedIn {
  /** Whether the text behind the line is copied from. */
  readonly suffix: boolean;
  /** Indexes of other files, which are copied from. */
  readonly others: readonly CopyIndex[];
  /** Vectors of other files, which the text's are compared with. */
  readonly vectors: readonly Followed[];
}

/**
 * What a file costs, each token predicted from all before it, mixed with copies, n-grams and what
 * neighbours expect, and reranked, as in the product. The header is read and costs nothing; that the file ends is not
 * predicted.
 *
 * @param tokens header and text
 * @param start tokens of the header
 * @param keep positions whose states the network remembers
 * @param rows what to mix in
 * @returns bits for each of them
 */
export async function bitsOf(
  {
    network,
    tokenizer,
    sources: { gate, neighbourGate, ngrams, reranker, firstText },
  }: Subject,
  file: SourceFile,
  tokens: readonly number[],
  start: number,
  keep: readonly number[],
  rows: readonly MixedIn[],
): Promise<number[]> {
  const before = new CopyIndex(firstText);
  const suffixIndex = new SuffixIndex(tokenizer, firstText);
  suffixIndex.update("");
  const lines = new LineEnds(file.bytes);
  let byte = 0;
  const bits = rows.map(() => 0);
  const hasSuffix = rows.some(({ suffix }) => suffix);
  const neighbours =
    neighbourGate &&
    new RowNeighbours(
      neighbourGate,
      tokens,
      rows.map(({ vectors }) => vectors),
    );
  const visit = (position: number, prediction: Prediction): void => {
    const { probabilities: expected, hidden } = prediction;
    before.append(tokens[position - 1]!);
    const token = tokens[position];
    if (position < start || token === undefined) return;
    byte += tokenizer.bytesOf(token).length;
    if (hasSuffix && lines.moveTo(byte))
      suffixIndex.update(file.text.slice(lines.offset));
    const known = ngrams?.candidates(before.tail(ngrams.reach)) ?? [];
    for (const [row, { suffix, others }] of rows.entries()) {
      const copies = copyCandidates(
        gate?.copies ?? 0,
        before.tail(maxMatchLength),
        suffix ? [before, suffixIndex.index] : [before],
        others,
      );
      const opinions = { network: expected, copies, ngrams: known, before };
      const probabilities = gate
        ? mix({ gate, reranker }, hidden, opinions, (others) =>
            neighbours?.recalled(row, position, prediction, others),
          ).probabilities
        : expected;
      bits[row]! -= Math.log2(
        Math.max(probabilities[token]!, leastProbability),
      );
    }
  };
  await network.readThrough(tokens, keep, visit, neighbours?.vectors);
  return bits;
}
