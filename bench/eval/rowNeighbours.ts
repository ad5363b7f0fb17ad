import type { NeighbourGate, Recalled } from "../../src/engine/neighbourGate";
import type { Followed } from "../../src/state/tokenVectors";
import { comparedTokens } from "./comparedTokens";
import type { Prediction } from "./steadyModel";

/** The vectors that a text is compared with where different things are known, a row each. */
export class RowNeighbours {
  /** Those of all rows' other files, one after the other. */
  readonly vectors: Uint8Array;
  private readonly text: Int32Array;
  /** Of each row: where its vectors begin, and the tokens that follow them. */
  private readonly rows: readonly { start: number; next: Int32Array }[];

  /**
   * @param tokens the text
   * @param others vectors of other files for each row
   */
  constructor(
    private readonly gate: NeighbourGate,
    tokens: readonly number[],
    others: readonly (readonly Followed[])[],
  ) {
    this.text = Int32Array.from(tokens);
    let start = 0;
    this.rows = others.map((files) => {
      const next = Int32Array.from(files.flatMap(({ next }) => next));
      const row = { start, next };
      start += next.length;
      return row;
    });
    this.vectors = Buffer.concat(others.flat().map(({ vectors }) => vectors));
  }

  /**
   * What a row's neighbours expect after the first `position` tokens of the text; undefined if there are
   * none.
   *
   * @param prediction of the model that was given `vectors`
   * @param mixed the mixture of the other sources, [V]
   */
  recalled(
    row: number,
    position: number,
    { hidden, similarities }: Prediction,
    mixed: Float32Array,
  ): Recalled | undefined {
    if (similarities === undefined) return undefined;
    const { own, others } = similarities;
    const { start, next } = this.rows[row]!;
    const tokens = comparedTokens(position);
    const followers = this.text.subarray(tokens.start + 1, tokens.end + 1);
    return this.gate.recall(
      hidden,
      joined(own, others.subarray(start, start + next.length)),
      { next: joined(followers, next), own: own.length },
      mixed,
    );
  }
}

function joined<T extends Float32Array | Int32Array>(a: T, b: T): T {
  const both = new (a.constructor as new (length: number) => T)(
    a.length + b.length,
  );
  both.set(a);
  both.set(b, a.length);
  return both;
}
