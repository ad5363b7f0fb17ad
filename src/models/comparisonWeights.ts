import type { Weights } from "../engine/weights";

/**
 * A checkpoint cut down to a few tokens: its tables have the rows of these alone. What the network
 * computes for them stays the same, and the largest tensors are gone; the head is to be applied
 * to the hidden states apart, by `headLogits`.
 */
export class ComparisonWeights implements Weights {
  private readonly vocabulary: number;

  /** @param tokens ids whose rows are kept; row i is the one of tokens[i] */
  constructor(
    private readonly weights: Weights,
    private readonly tokens: readonly number[],
  ) {
    this.vocabulary = weights.dims("emb.weight")[0]!;
  }

  has(name: string): boolean {
    return this.weights.has(name);
  }

  dims(name: string): readonly number[] {
    const dims = this.weights.dims(name);
    return this.isTable(name) ? [this.tokens.length, ...dims.slice(1)] : dims;
  }

  float32(name: string): Float32Array {
    const values = this.weights.float32(name);
    if (!this.isTable(name)) return values;
    const columns = values.length / this.vocabulary;
    const rows = new Float32Array(this.tokens.length * columns);
    this.tokens.forEach((token, row) =>
      rows.set(
        values.subarray(token * columns, (token + 1) * columns),
        row * columns,
      ),
    );
    return rows;
  }

  private isTable(name: string): boolean {
    return (
      name === "emb.weight" ||
      name === "head.weight" ||
      name.endsWith(".s_emb.weight")
    );
  }
}

/**
 * What the head makes of hidden states, one row of logits for each.
 *
 * @param hidden [positions, D], row by row
 */
export function headLogits(
  weights: Weights,
  hidden: readonly Float32Array[],
): Float32Array[] {
  const name = weights.has("head.weight") ? "head.weight" : "emb.weight";
  const [vocabulary, width] = weights.dims(name) as [number, number];
  const head = weights.float32(name);
  const logits = hidden.map(() => new Float32Array(vocabulary));
  for (let token = 0; token < vocabulary; token++) {
    const start = token * width;
    for (let row = 0; row < hidden.length; row++) {
      const state = hidden[row]!;
      let sum = 0;
      for (let i = 0; i < width; i++) sum += head[start + i]! * state[i]!;
      logits[row]![token] = sum;
    }
  }
  return logits;
}
