import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  buildStage,
  shapeOf,
  type BuildOptions,
  type Generation,
  type Stage,
} from "../../engine/build";
import { Session } from "../../engine/onnx";
import { softmax } from "../../engine/sampling";
import type { Weights } from "../../engine/weights";
import { ComparisonWeights, headLogits } from "./comparisonWeights";
import { collectGarbage } from "./garbage";
import {
  graphFile,
  weightsFile,
  type QuantisationLoss,
} from "../package/manifest";

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

export interface Comparison {
  generation: Generation;
  weights: Weights;
  options: Omit<BuildOptions, "weightsFile" | "write">;
  tokens: readonly number[];
  /** For the files of one stage at a time; it does not exist yet and is removed. */
  folder: string;
  /** Told of every piece of weights that is written; may throw to stop. */
  onBytes: (bytes: number) => void;
}

/**
 * How far the quantised network is from the one in full precision over `tokens`. Both are computed
 * stage by stage, so that no more than a block is in memory at a time.
 */
export async function measureLoss(
  comparison: Comparison,
): Promise<QuantisationLoss> {
  const { generation, weights, options, tokens } = comparison;
  const exact = new Form(comparison, { ...options, quantisation: "none" });
  const quantised = new Form(comparison, options);
  const { layers } = shapeOf(generation, weights);
  const stages = ["embedding", ...Array(layers).keys(), "norm"] as const;
  collectGarbage(); // The largest tensors, where they have just been written.
  for (const stage of stages) {
    await exact.compute(stage);
    await quantised.compute(stage);
  }
  const quantisedLogits = (await quantised.compute("head")).logits!;
  const hidden = rows(exact.values.x!, tokens.length);
  return lossBetween(
    headLogits(weights, hidden),
    rows(quantisedLogits, tokens.length),
  );
}

/** A network on its way through the stages. */
class Form {
  /** What the stages so far have left, by the name of the input that reads it. */
  readonly values: Record<string, Float32Array> = {};
  private readonly few: Weights;
  private readonly tokens: BigInt64Array;

  constructor(
    private readonly comparison: Comparison,
    private readonly options: Comparison["options"],
  ) {
    const { tokens, weights } = comparison;
    const distinct = [...new Set(tokens)];
    this.few = new ComparisonWeights(weights, distinct);
    this.tokens = BigInt64Array.from(tokens, (token) =>
      BigInt(distinct.indexOf(token)),
    );
  }

  /** Goes a stage further, from the empty state. @returns all outputs */
  async compute(stage: Stage): Promise<Record<string, Float32Array>> {
    const { folder } = this.comparison;
    mkdirSync(folder);
    try {
      this.write(stage);
      collectGarbage();
      const session = await Session.load(join(folder, graphFile), 0);
      try {
        const outputs = await session.run(this.inputs(session));
        for (const name of ["x", "embedding", "first_value"]) {
          const value = outputs[`new.${name}`];
          if (value !== undefined) this.values[name] = value;
        }
        return outputs;
      } finally {
        await session.dispose();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  private write(stage: Stage): void {
    const { folder, generation, weights, onBytes } = this.comparison;
    const descriptor = openSync(join(folder, weightsFile), "w");
    try {
      // The head reads the whole of its table, which may be the embedding's.
      const read = stage === "head" ? weights : this.few;
      const graph = buildStage(generation, read, stage, {
        ...this.options,
        weightsFile,
        write: (bytes) => {
          onBytes(bytes.length);
          for (let done = 0; done < bytes.length;)
            done += writeSync(descriptor, bytes, done);
        },
      });
      writeFileSync(join(folder, graphFile), graph);
    } finally {
      closeSync(descriptor);
    }
  }

  private inputs(session: Session): Parameters<Session["run"]>[0] {
    const count = this.tokens.length;
    return Object.fromEntries(
      session.inputs.map(({ name, dims: declared }) => {
        const dims = declared.map((dim) => (dim === "T" ? count : Number(dim)));
        const size = dims.reduce((product, dim) => product * dim, 1);
        const data =
          name === "tokens"
            ? this.tokens
            : (this.values[name] ?? new Float32Array(size));
        return [name, { data, dims }];
      }),
    );
  }
}

function rows(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );
}

/** How far `quantised` is from `exact`, row by row. */
function lossBetween(
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
