import { crc32 } from "node:zlib";
import type { NamedWeights } from "../../../../src/models/formats/writeSafetensors";
import { ordinaryTensors } from "./ordinaryTensors";
import { randomNumbers } from "./random";

interface OfficialShape {
  readonly layers: number;
  readonly width: number;
  /** Of the low-rank pairs of the time mix. */
  readonly ranks: Readonly<Record<"w" | "a" | "v" | "g", number>>;
}

/** The shapes of official RWKV-7 (arXiv 2503.14456, table 1); heads of 64, a vocabulary of 65,536. */
export const officialShapes = {
  "0.1B": { layers: 12, width: 768, ranks: { w: 64, a: 64, v: 32, g: 128 } },
  "0.4B": { layers: 24, width: 1024, ranks: { w: 64, a: 64, v: 32, g: 128 } },
  "1.5B": { layers: 24, width: 2048, ranks: { w: 96, a: 96, v: 64, g: 256 } },
  "2.9B": { layers: 32, width: 2560, ranks: { w: 96, a: 96, v: 64, g: 320 } },
} as const satisfies Record<string, OfficialShape>;
export type OfficialSize = keyof typeof officialShapes;

const headSize = 64;

interface Entry {
  readonly dims: readonly number[];
  readonly low: number;
  readonly high: number;
}

/**
 * An RWKV-7 of an official shape and layout with random weights of ordinary size, which run just as
 * fast as trained ones. Values are made when they are read, so that no more than one tensor is in
 * memory, and are the same each time.
 */
export class OfficialWeights implements NamedWeights {
  private readonly entries = new Map<string, Entry>();

  /**
   * @param options.layers as many as the shape has if it is not given; so, too, the vocabulary
   */
  constructor(
    size: OfficialSize,
    {
      layers = officialShapes[size].layers,
      vocabulary = 65_536,
    }: { layers?: number; vocabulary?: number } = {},
  ) {
    const { width, ranks }: OfficialShape = officialShapes[size];
    const add = (name: string, dims: number[], low: number, high: number) =>
      this.entries.set(name, { dims, low, high });
    const { matrix, vector, norm } = ordinaryTensors(width, add);
    add("emb.weight", [vocabulary, width], -1, 1);
    for (let layer = 0; layer < layers; layer++) {
      const block = `blocks.${layer}`;
      const [att, ffn] = [`${block}.att`, `${block}.ffn`];
      for (const name of layer === 0 ? ["ln0", "ln1", "ln2"] : ["ln1", "ln2"])
        norm(`${block}.${name}`);
      for (const x of "rwkvag") vector(`${att}.x_${x}`, 0, 1);
      for (const x of ["w", "a", "v", "g"] as const) {
        if (x === "v" && layer === 0) continue;
        if (x !== "g") vector(`${att}.${x}0`, -2, 2);
        matrix(`${att}.${x}1`, width, ranks[x]);
        matrix(`${att}.${x}2`, ranks[x], width);
      }
      for (const x of ["k_k", "k_a"]) vector(`${att}.${x}`, 0.5, 1.2);
      add(`${att}.r_k`, [width / headSize, headSize], -0.3, 0.3);
      for (const name of ["receptance", "key", "value", "output"])
        matrix(`${att}.${name}.weight`);
      norm(`${att}.ln_x`);
      vector(`${ffn}.x_k`, 0, 1);
      matrix(`${ffn}.key.weight`, 4 * width, width);
      matrix(`${ffn}.value.weight`, width, 4 * width);
    }
    norm("ln_out");
    matrix("head.weight", vocabulary, width);
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  dims(name: string): readonly number[] {
    return this.entry(name).dims;
  }

  float32(name: string): Float32Array {
    const { dims, low, high } = this.entry(name);
    // All differ: the runtime keeps equal ones once.
    const random = randomNumbers(crc32(Buffer.from(name)));
    const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
    for (let i = 0; i < values.length; i++)
      values[i] = low + (high - low) * random();
    return values;
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`there is no tensor ${name}`);
    return entry;
  }
}
