import { join } from "node:path";
import { OnnxModel } from "../engine/onnxModel";
import { softmax } from "../engine/sampling";
import { graphFile, type QuantisationLoss } from "./manifest";

/** Code and prose, enough to meet frequent tokens and short enough to take no time. */
export const comparisonText = `import { readFile } from "node:fs/promises";

/** Counts the words of a file. */
export async function countWords(path: string): Promise<number> {
  const text = await readFile(path, "utf8");
  return text.split(/\\s+/).filter((word) => word !== "").length;
}

def mean(values):
    """The arithmetic mean of a list of numbers."""
    return sum(values) / len(values)
`;

/** Positions compared, so that their logits stay small beside the model. */
export const mostPositions = 64;

/** Tokens read at once; weights are read once a run, so few long runs are fastest. */
const runLength = 32;

/**
 * What a model in `folder` computes at each of `tokens`, one row a token. The model is freed before
 * this returns, so that two are never in memory.
 */
export async function outputsOf(
  folder: string,
  vocabulary: number,
  tokens: readonly number[],
  signal: AbortSignal,
): Promise<{ logits: Float32Array[]; hidden: Float32Array[] }> {
  const model = await OnnxModel.load(join(folder, graphFile), vocabulary, 0);
  try {
    const logits: Float32Array[] = [];
    const hidden: Float32Array[] = [];
    let state = model.emptyState;
    for (let at = 0; at < tokens.length; at += runLength) {
      signal.throwIfAborted();
      const run = tokens.slice(at, at + runLength);
      const step = await model.run(run, state, [...run.keys()]);
      logits.push(...rows(step.logits, run.length));
      hidden.push(...rows(step.hidden, run.length));
      state = step.state;
    }
    return { logits, hidden };
  } finally {
    await model.dispose();
  }
}

function rows(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );
}

/** How far `quantised` is from `exact`, row by row. */
export function lossBetween(
  exact: readonly Float32Array[],
  quantised: readonly Float32Array[],
): QuantisationLoss {
  let divergence = 0;
  let agreements = 0;
  exact.forEach((logits, row) => {
    const p = softmax(logits);
    const q = softmax(quantised[row]!);
    for (let token = 0; token < p.length; token++) {
      // A probability that a float cannot tell from 0 has no share in the sum.
      if (p[token]! > 0)
        divergence +=
          p[token]! * Math.log(p[token]! / Math.max(q[token]!, 1e-38));
    }
    if (greatest(p) === greatest(q)) agreements++;
  });
  return {
    klDivergence: divergence / exact.length,
    topAgreement: agreements / exact.length,
    positions: exact.length,
  };
}

function greatest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++)
    if (values[i]! > values[best]!) best = i;
  return best;
}
