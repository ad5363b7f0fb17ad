import { splitsWord } from "../../src/text/words";
import { share } from "./share";
import type { TracedLine } from "./thresholds";
import { closedAtEach, rightAt } from "./typedLine";

const tenths = 10;

/** The ends in a tenth of confidence: their mean confidence, and how many are right. */
export interface ReliabilityRow {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Null where there are none. */
  readonly meanConfidence: number | null;
  readonly shareRight: number | null;
}

/** Confidence against what is right, by tenths. */
export class Reliability {
  private readonly bins = Array.from({ length: tenths }, () => ({
    count: 0,
    confidence: 0,
    right: 0,
  }));

  /** Counts an end of the given confidence, which is in 0 … 1. */
  add(confidence: number, isRight: boolean): void {
    const bin =
      this.bins[Math.min(tenths - 1, Math.floor(confidence * tenths))]!;
    bin.count++;
    bin.confidence += confidence;
    bin.right += Number(isRight);
  }

  /** Counts all ends at all places of a line. */
  addLine({ line, isClosing, places }: TracedLine): void {
    const closed = closedAtEach(line.text, isClosing);
    for (const { typed, text, ends } of places) {
      const right = rightAt(line, typed, closed[typed]!);
      for (const { length, confidence } of ends) {
        const isRight =
          right.startsWith(text.slice(0, length)) && !splitsWord(right, length);
        this.add(confidence, isRight);
      }
    }
  }

  get rows(): ReliabilityRow[] {
    return this.bins.map(({ count, confidence, right }, tenth) => ({
      from: tenth / tenths,
      to: (tenth + 1) / tenths,
      count,
      meanConfidence: share(confidence, count),
      shareRight: share(right, count),
    }));
  }
}
