import { copyCandidates } from "../../src/copying/copyCandidates";
import { CopyIndex, maxMatchLength } from "../../src/copying/copyIndex";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import { LineEnds } from "./lineEnds";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** The least that a probability in single precision can be. */
const least = 2 ** -149;

/** What is copied from, besides the text before. */
export interface CopiedFrom {
  /** Whether the text behind the line is. */
  readonly suffix: boolean;
  /** Indexes of other files. */
  readonly others: readonly CopyIndex[];
}

/**
 * What a file costs, each token predicted from all before it, mixed with copies and n-grams as in
 * the product. The header is read and costs nothing; that the file ends is not predicted.
 *
 * @param tokens header and text
 * @param start tokens of the header
 * @param keep positions whose states the network remembers
 * @param rows what to copy from
 * @returns bits for each of them
 */
export async function bitsOf(
  { network, tokenizer, sources: { gate, ngrams, firstText } }: Subject,
  file: SourceFile,
  tokens: readonly number[],
  start: number,
  keep: readonly number[],
  rows: readonly CopiedFrom[],
): Promise<number[]> {
  const before = new CopyIndex(firstText);
  const suffixIndex = new SuffixIndex(tokenizer, firstText);
  suffixIndex.update("");
  const lines = new LineEnds(file.bytes);
  let byte = 0;
  const bits = rows.map(() => 0);
  const hasSuffix = rows.some(({ suffix }) => suffix);
  await network.readThrough(tokens, keep, (position, expected, hidden) => {
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
      const probabilities =
        gate?.mix(expected, hidden, copies, known) ?? expected;
      bits[row]! -= Math.log2(Math.max(probabilities[token]!, least));
    }
  });
  return bits;
}
