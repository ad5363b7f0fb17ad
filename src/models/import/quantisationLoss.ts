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

/** The text that the networks are compared on: code and prose, short, with frequent tokens. */
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

/** The most positions compared. Their logits (V floats each) stay small beside the model. */
export const mostPositions = 64;

export interface Comparison {
  generation: Generation;
  weights: Weights;
  /** How the quantised network is built. */
  options: Omit<BuildOptions, "weightsFile" | "write">;
  tokens: readonly number[];
  /** Temporary folder for the files of one stage at a time. It must not exist yet. */
  folder: string;
  /** Called with the size of each piece of weights that is written; may throw to stop. */
  onBytes: (bytes: number) => void;
}

/**
 * Measures how the quantised network differs from full precision over `tokens`. Both networks are
 * computed stage by stage (`buildStage`), so that at most one block is in memory at a time.
 *
 * @throws what `onBytes` throws
 */
export async function measureLoss(
  comparison: Comparison,
): Promise<QuantisationLoss> {
  const { generation, weights, options, tokens } = comparison;
  const full = { ...options, quantisation: "none" as const };
  const exact = new StagedNetwork(comparison, full);
  const quantised = new StagedNetwork(comparison, options);
  const { layers } = shapeOf(generation, weights);
  const stages = ["embedding", ...Array(layers).keys(), "norm"] as const;
  collectGarbage(); // The import has just written the largest tensors.
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

/** Computes one of the two networks, one stage after the other. */
class StagedNetwork {
  /** Outputs of the stages computed so far, by the name of the input that takes them. */
  readonly values: Record<string, Float32Array> = {};
  /** The weights, with rows of lookup tables for the text's tokens only. */
  private readonly few: Weights;
  /** The text's tokens as rows of these tables. */
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

  /** Computes the next stage, with a recurrent state of zeros. @returns all outputs by name */
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
      // The head needs all rows of its matrix, which may be the embedding.
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

/** Splits an array into `count` rows of the same length. */
function rows(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );
}

/**
 * Compares logits: mean of KL(exact ‖ quantised) = Σ p ln(p / q) over the rows, in nats, and the share
 * of rows with the same likeliest token.
 *
 * @param exact one row of V logits per position
 * @param quantised as many rows
 */
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
      // Where p is 0 the term is 0. The bound keeps the term finite where q has rounded to 0.
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
