import { ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  architectureOf,
  type Architecture,
} from "../../../src/models/formats/architecture";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { encodeBf16 } from "./writers/bfloat16";
import { gguf } from "../../../src/models/formats/ggufFile";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeGguf } from "../../../src/models/formats/writeGguf";
import { normEpsilons } from "../../../src/models/formats/normEpsilons";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { ModelError } from "../../../src/models/modelError";
import { temporaryFolder } from "./temporaryFolder";
import { asHuggingFace } from "./writers/huggingFace";
import { MemoryWeights } from "./writers/memoryWeights";
import { mutated } from "./writers/mutate";
import { encodeFp64 } from "./writers/float64";
import { writeParts } from "./writers/parts";
import { pickDict, pthMembers, writePth, type Wrap } from "./writers/pth";
import { encodeQ8_0 } from "./writers/quantise";
import { lowQuantisers } from "./writers/quantiseLow";
import { zip } from "./writers/zip";
import { randomNumbers } from "./writers/random";
import { randomModel, type ModelSize } from "./writers/randomModel";
import { writeRwkvCpp } from "./writers/rwkvCpp";

/** Files per format; the full run is `FUZZ=2000`. A failure is repeated with its `FUZZ_SEED`. */
const runs = Number(process.env.FUZZ ?? 200);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/**
 * What the import may take beyond four times the largest tensor, which is some kilobytes here. The
 * process as a whole, garbage that was not collected yet included.
 */
const memoryBound = 200 << 20;

const size: ModelSize = {
  layers: 2,
  width: 32,
  headSize: 16,
  ffn: 32,
  vocabulary: 16,
  rank: 32,
};
const rwkv6: Architecture & ModelSize = {
  ...size,
  generation: "6",
  heads: 2,
  tiedHead: false,
  preNormalised: false,
};
const rwkv7: Architecture & ModelSize = { ...rwkv6, generation: "7" };
/** Rows of 256, for the K formats. */
const wide: Architecture & ModelSize = {
  ...rwkv7,
  layers: 1,
  width: 256,
  headSize: 128,
};

function weights(generation: Architecture["generation"]): MemoryWeights {
  return new MemoryWeights(randomModel(generation, size));
}

/** Small checkpoints of each format, among which the damage is spread. */
const samples: Record<string, ((path: string) => void)[]> = {
  pth: [
    (path) => writePth(path, weights("7"), encodeFp32),
    (path) => writePth(path, weights("5.2"), encodeBf16, true),
    (path) => writePth(path, prefixed(huggingFace("7")), encodeFp64),
    (path) =>
      writeFileSync(path, zip(pthMembers(weights("6"), encodeBf16, beside))),
  ],
  safetensors: [
    (path) => writeSafetensors(path, weights("7a"), encodeBf16),
    (path) => writeSafetensors(path, huggingFace("7")),
    (path) => writeSafetensors(path, prefixed(weights("4")), encodeFp64),
    (path) => writeSafetensors(path, huggingFace("6"), encodeFp32),
  ],
  gguf: [
    (path) =>
      writeGguf(path, weights("7"), rwkv7, {
        name: "fuzz",
        metadata: new Map([
          ["tokenizer.ggml.tokens", gguf.texts(["a", "b", "c"])],
        ]),
        matrices: encodeQ8_0,
      }),
    (path) =>
      writeGguf(path, weights("6"), rwkv6, { name: "f", metadata: new Map() }),
    ...lowQuantisers.map((matrices) => (path: string) => {
      const size = matrices.type.values === 256 ? wide : rwkv7;
      const tensors = randomModel("7", size);
      writeGguf(path, new MemoryWeights(tensors), size, {
        name: "f",
        metadata: new Map(),
        matrices,
      });
    }),
  ],
  "rwkv.cpp": [
    (path) => writeRwkvCpp(path, weights("4")),
    (path) => writeRwkvCpp(path, weights("5.1"), encodeQ8_0),
    (path) => writeRwkvCpp(path, weights("7")),
  ],
};

function huggingFace(generation: "6" | "7"): MemoryWeights {
  return asHuggingFace(randomModel(generation, size));
}

function prefixed({ tensors }: MemoryWeights): MemoryWeights {
  return new MemoryWeights(
    new Map([...tensors].map(([name, each]) => [`module.${name}`, each])),
  );
}

/** Weights beside a Namespace, numbers and texts. */
const beside: Wrap = (pickler, weights) =>
  pickDict(pickler, {
    args: () => {
      pickler.global("argparse", "Namespace").raw(")", 0x81);
      pickDict(pickler, { rate: () => pickler.int(5) });
      pickler.raw("b");
    },
    epoch: () => pickler.int(3),
    state_dict: () => weights(),
    names: () => pickler.raw("]").text("a").raw("a"),
  });

describe(`damaged checkpoints (FUZZ=${runs} FUZZ_SEED=${seed})`, function () {
  this.timeout(Math.max(60_000, runs * 300));
  const path = temporaryFolder();

  for (const [format, writers] of Object.entries(samples)) {
    it(`${format}: ${runs} files are refused in words or read`, function () {
      const originals = writers.map((write) => {
        write(path("original"));
        return readFileSync(path("original"));
      });
      const random = randomNumbers(seed);
      const before = memory();
      let peak = 0;
      let read = 0;
      for (let run = 0; run < runs; run++) {
        const bytes = mutated(originals[run % originals.length]!, random);
        writeFileSync(path("mutated"), bytes);
        if (survives(path("mutated"), `run ${run}, seed ${seed}`)) read++;
        peak = Math.max(peak, memory() - before);
      }
      ok(peak < memoryBound, `took ${peak} bytes`);
      if (process.env.FUZZ !== undefined) {
        console.log(
          `      ${format}: ${read} read, ${runs - read} refused, at most ${(peak / 2 ** 20).toFixed(0)} MiB`,
        );
      }
    });
  }

  for (const kind of ["safetensors", "bin"] as const) {
    it(`parts of ${kind}, their index and config.json: ${runs} are refused in words or read`, () => {
      const folder = path(`parts-${kind}`);
      const { index, parts } = writeParts(
        folder,
        huggingFace("7").tensors,
        kind,
        2,
        encodeBf16,
      );
      const config = join(folder, "config.json");
      writeFileSync(
        config,
        JSON.stringify({
          model_type: "rwkv7",
          norm_eps: 1e-5,
          hidden_size: 32,
        }),
      );
      const files = [index, config, ...parts];
      const originals = files.map((file) => readFileSync(file));
      const random = randomNumbers(seed);
      for (let run = 0; run < runs; run++) {
        const damaged = run % files.length;
        writeFileSync(files[damaged]!, mutated(originals[damaged]!, random));
        const source = run % 3 === 0 ? parts[1]! : index;
        survives(source, `run ${run}, seed ${seed}`, folder);
        writeFileSync(files[damaged]!, originals[damaged]!);
      }
      ok(survives(index, "undamaged", folder));
    });
  }
});

/**
 * Whether the file could be read. Anything else than a ModelError that names it, or what lies in
 * `folder`, fails the test.
 */
function survives(path: string, which: string, folder = path): boolean {
  try {
    const opened = openCheckpoint(path);
    try {
      normEpsilons(opened, architectureOf(opened));
      for (const name of opened.names()) {
        const values = opened.float32(name);
        ok(values.every(Number.isFinite), `${which}: ${name} is not finite`);
      }
    } finally {
      opened.close();
    }
    return true;
  } catch (error) {
    if (!(error instanceof ModelError) || !error.message.includes(folder))
      throw new Error(`${which}: ${String(error)}`, { cause: error });
    return false;
  }
}

function memory(): number {
  const { rss, external } = process.memoryUsage();
  return rss + external;
}
