import type { Weights } from "../../engine/weights";

/**
 * A checkpoint's weights with lookup tables (`isTable`) that have rows for a few tokens only. The
 * blocks compute the same for these tokens, and the largest tensors become small.
 */
export class ComparisonWeights implements Weights {
  private readonly vocabulary: number;

  /** @param tokens ids of the tokens whose rows are kept; row i is that of tokens[i] */
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
    return isTable(name) ? [this.tokens.length, ...dims.slice(1)] : dims;
  }

  float32(name: string): Float32Array {
    const values = this.weights.float32(name);
    if (!isTable(name)) return values;
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
}

/** Whether a tensor is a lookup table with one row per token: the embedding, or RWKV-7a's `s_emb`. */
export function isTable(name: string): boolean {
  return name === "emb.weight" || name.endsWith(".s_emb.weight");
}

/**
 * Applies the head to hidden states, in float32. A graph of the head would need twice the memory.
 *
 * @param hidden one array of D values per position
 * @returns one array of V logits per position
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
