import {
  writeFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  openSync,
  writeSync,
  closeSync,
  mkdirSync,
} from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "../../src/engine/onnxRuntime";
import { toFloat16Bytes } from "../../src/engine/float16";
import { GraphBuilder } from "../../src/engine/graph";
import { quantisedMatMul } from "../../src/engine/quantise";
import { seededRandom } from "../../src/engine/sampling";

export interface AttentionShape {
  readonly layers: number;
  readonly width: number;
  readonly headSize: number;
  /** Hidden units of the perceptron. */
  readonly hidden: number;
  readonly vocabulary: number;
}

const graphFile = "model.onnx";
const weightsFile = "weights.bin";
/** ONNX's number for int32, which the lengths have to be. */
const int32 = 6;

/**
 * Writes a decoder-only transformer with random weights, stored as our RWKV is: matrices in 8 bits,
 * the embedding in half precision. Pre-norm blocks of attention (rotary positions, every head with
 * keys and values of its own, key-value cache in single precision) and a perceptron with squared
 * ReLU.
 *
 * Inputs: `tokens` int64 [T], `before` int64 [1] (tokens in the cache), per layer the cache `key.i`
 * and `value.i` [1, H, C, N] for C ≥ before + T. Outputs: `logits` [1, 1, V] after the last token,
 * and the caches as `new.` + name.
 *
 * @param longest positions for which there are angles
 */
export function writeAttention(
  folder: string,
  shape: AttentionShape,
  longest: number,
): void {
  const { layers, width, headSize, hidden, vocabulary } = shape;
  const heads = width / headSize;
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, weightsFile), "w");
  const graph = new GraphBuilder(weightsFile, (bytes) => {
    for (let done = 0; done < bytes.length;)
      done += writeSync(file, bytes, done);
  });
  const random = seededRandom(1);
  const randomFloats = (count: number) => {
    const scale = 1 / Math.sqrt(width);
    return new Float32Array(count).map(() => scale * (2 * random() - 1));
  };
  const linear = (name: string, x: string, rows: number, columns: number) =>
    quantisedMatMul(
      graph,
      x,
      name,
      rows,
      columns,
      randomFloats(rows * columns),
      "int8",
    );
  const ones = new Float32Array(width).fill(1);
  const zeros = new Float32Array(width);
  const norm = (name: string, x: string) =>
    graph.node(
      "LayerNormalization",
      [
        x,
        graph.floats(`${name}.weight`, [width], ones),
        graph.floats(`${name}.bias`, [width], zeros),
      ],
      { axis: -1, epsilon: { float: 1e-5 } },
    );

  const tokens = graph.input("tokens", "int64", ["T"]);
  const before = graph.input("before", "int64", [1]);
  const total = graph.node("Add", [before, graph.node("Shape", [tokens])]);
  const lengths = [graph.node("Sub", [total, graph.ints(1)]), total].map((x) =>
    graph.node("Cast", [x], { to: int32 }),
  );
  const angles = rotary(longest, headSize).map((values, i) =>
    graph.floats(["cos", "sin"][i]!, [longest, headSize / 2], values),
  );
  const table = graph.weight(
    "emb",
    "float16",
    [vocabulary, width],
    toFloat16Bytes(randomFloats(vocabulary * width)),
  );
  const rows = graph.node("Gather", [table, tokens]);
  let x = graph.node("Unsqueeze", [
    graph.node("Cast", [rows], { to: 1 }),
    graph.ints(0),
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const name = `blocks.${layer}`;
    const cacheDims = [1, heads, "C", headSize];
    const caches = ["key", "value"].map((part) =>
      graph.input(`${part}.${layer}`, "float32", cacheDims),
    );
    const qkv = linear(`${name}.qkv`, norm(`${name}.ln1`, x), 3 * width, width);
    const [attended, ...presents] = graph.nodeWithOutputs(
      3,
      "GroupQueryAttention",
      [qkv, "", "", ...caches, ...lengths, ...angles],
      { num_heads: heads, kv_num_heads: heads, do_rotary: 1 },
      "com.microsoft",
    );
    presents.forEach((present, i) =>
      graph.output(`new.${caches[i]!}`, present, "float32", cacheDims),
    );
    const mixed = linear(`${name}.output`, attended!, width, width);
    x = graph.node("Add", [x, mixed]);
    const up = linear(`${name}.up`, norm(`${name}.ln2`, x), hidden, width);
    const positive = graph.node("Relu", [up]);
    const squared = graph.node("Mul", [positive, positive]);
    const down = linear(`${name}.down`, squared, width, hidden);
    x = graph.node("Add", [x, down]);
  }
  const last = graph.node("Slice", [
    x,
    graph.ints(-1),
    graph.ints(2 ** 31),
    graph.ints(1),
  ]);
  const logits = linear("head", norm("ln_out", last), vocabulary, width);
  graph.output("logits", logits, "float32", [1, 1, vocabulary]);
  writeFileSync(join(folder, graphFile), graph.finish());
  closeSync(file);
}

/** Cosines and sines by position and pair of channels, [longest, headSize / 2] (RoFormer, arXiv 2104.09864). */
function rotary(longest: number, headSize: number): Float32Array[] {
  const half = headSize / 2;
  return [Math.cos, Math.sin].map((f) =>
    new Float32Array(longest * half).map((_, i) => {
      const position = Math.floor(i / half);
      return f(position * 10_000 ** (-(i % half) / half));
    }),
  );
}

/**
 * A transformer with room for `capacity` tokens. The cache is updated in place: the runtime gets the
 * same memory as input and as output and copies nothing. The JavaScript binding copies every output
 * all the same, so times are taken from the runtime's own profile, which leaves that out.
 */
export class AttentionModel {
  private constructor(
    private readonly session: InferenceSession,
    private readonly cache: Readonly<Record<string, Tensor>>,
    private readonly profile: string,
  ) {}

  static async load(
    folder: string,
    { layers, width, headSize }: AttentionShape,
    capacity: number,
    threads: number,
  ): Promise<AttentionModel> {
    const profile = mkdtempSync(join(folder, "profile-"));
    const session = await InferenceSession.create(join(folder, graphFile), {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      enableProfiling: true,
      profileFilePrefix: join(profile, "run"),
      extra: { session: { force_spinning_stop: "1" } },
    });
    const dims = [1, width / headSize, capacity, headSize];
    const cache: Record<string, Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ["key", "value"]) {
        // Contents do not change the time; but what was never written to takes no memory.
        const values = new Float32Array(width * capacity).fill(0.01);
        cache[`${part}.${layer}`] = new Tensor("float32", values, dims);
      }
    }
    return new AttentionModel(session, cache, profile);
  }

  get cacheBytes(): number {
    return Object.values(this.cache).reduce(
      (sum, { data }) => sum + (data as Float32Array).byteLength,
      0,
    );
  }

  /** Reads `tokens` behind the first `before` tokens of the cache; the logits of the last one, [V]. */
  async run(tokens: readonly number[], before: number): Promise<Float32Array> {
    const int64 = (values: readonly number[]) =>
      new Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
    const fetches = Object.fromEntries(
      Object.entries(this.cache).map(([name, tensor]) => [
        `new.${name}`,
        tensor,
      ]),
    );
    const { logits } = await this.session.run(
      { tokens: int64(tokens), before: int64([before]), ...this.cache },
      { ...fetches, logits: null },
    );
    return logits!.data as Float32Array;
  }

  /** Milliseconds of every run so far, in order. It ends the profile: no later run is known. */
  runTimes(): number[] {
    this.session.endProfiling();
    const [file] = readdirSync(this.profile);
    const events = JSON.parse(
      readFileSync(join(this.profile, file!), "utf8"),
    ) as { name: string; dur: number }[];
    return events
      .filter(({ name }) => name === "model_run")
      .map(({ dur }) => dur / 1000);
  }
}
