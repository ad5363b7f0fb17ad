import {
  copyCandidates,
  maxMatchLength,
} from "../../src/copying/copyCandidates";
import { CopyIndex } from "../../src/copying/copyIndex";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import { LineEnds } from "./lineEnds";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** The least that a probability in single precision can be. */
const least = 2 ** -149;

/** Bits of a file. */
export interface Bits {
  /** Predicted from the text before alone. */
  readonly alone: number;
  /** Other files and the text behind the line may be copied from, too. */
  readonly across: number;
}

/**
 * What a file costs, each token predicted from all before it, mixed with copies and n-grams as in
 * the product. The header is read and costs nothing; that the file ends is not predicted.
 *
 * @param tokens header and text
 * @param start tokens of the header
 * @param keep positions whose states the network remembers
 * @param others indexes of other files; undefined to leave out the second figure, which is then NaN
 */
export async function bitsOf(
  { network, tokenizer, sources: { gate, ngrams, firstText } }: Subject,
  file: SourceFile,
  tokens: readonly number[],
  start: number,
  keep: readonly number[],
  others: readonly CopyIndex[] | undefined,
): Promise<Bits> {
  const before = new CopyIndex(firstText);
  const behind = new SuffixIndex(tokenizer, firstText);
  behind.update("");
  const lines = new LineEnds(file.bytes);
  let byte = 0;
  let alone = 0;
  let across = 0;
  await network.readThrough(tokens, keep, (position, expected, hidden) => {
    before.append(tokens[position - 1]!);
    const token = tokens[position];
    if (position < start || token === undefined) return;
    byte += tokenizer.bytesOf(token).length;
    const known = ngrams?.candidates(before.tail(ngrams.reach)) ?? [];
    const cost = (near: CopyIndex[], far: readonly CopyIndex[]) => {
      const copies = copyCandidates(
        gate?.copies ?? 0,
        before.tail(maxMatchLength),
        near,
        far,
      );
      const probabilities =
        gate?.mix(expected, hidden, copies, known) ?? expected;
      return -Math.log2(Math.max(probabilities[token]!, least));
    };
    alone += cost([before], []);
    if (others === undefined) return;
    if (lines.moveTo(byte)) behind.update(file.text.slice(lines.offset));
    across += cost([before, behind.index], others);
  });
  return { alone, across: others === undefined ? NaN : across };
}
