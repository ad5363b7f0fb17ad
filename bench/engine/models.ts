import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Quantisation } from "../../src/engine/quantise";
import { encodeQ8_0 } from "../../src/models/export/encodeQ8_0";
import { architectureOf } from "../../src/models/formats/architecture";
import type { CheckpointWeights } from "../../src/models/formats/checkpoint";
import { openCheckpoint } from "../../src/models/formats/open";
import { writeGguf } from "../../src/models/formats/writeGguf";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import { ggufBpe } from "../../src/models/import/ggufTokenizer";
import { weightsFile } from "../../src/models/package/manifest";
import { PackageFiles } from "../../src/models/package/packageFiles";
import type { BpeFile } from "../../src/tokenizer/bpe";
import { OfficialWeights } from "../../test/models/formats/writers/officialWeights";
import { writePth } from "../../test/models/formats/writers/pth";
import { encodeQ4_0 } from "./encodeQ4_0";
import type { CopySources } from "./ours";

export const shapes = ["bundled", "0.1B"] as const;
export type ShapeName = (typeof shapes)[number];

/** One network in the form that each engine reads; each is made when it is asked for. */
export interface BenchModel {
  readonly shape: ShapeName;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  /** Multiply-adds of the blocks' matrices for a token: the head is not computed for most of a prefill. */
  readonly multiplyAdds: number;
  /** Gate and n-grams, where the network has them. */
  readonly copy?: CopySources;
  /** The folder of our package, built anew once a run, since the graph is what changes. */
  readonly ours: (quantisation: Quantisation) => string;
  /** Kept from run to run, like all that follows. */
  readonly gguf: (type: GgufType) => string;
  /** The checkpoint for Python. */
  readonly pth: () => string;
  /** Bytes of our weights that a decode step reads: all but the embedding's table. */
  readonly bytesPerToken: (quantisation: Quantisation) => number;
}

const encoders = { Q8_0: encodeQ8_0, Q4_0: encodeQ4_0 };
export type GgufType = keyof typeof encoders;
export const ggufTypes = Object.keys(encoders) as GgufType[];

const root = join(__dirname, "..", "..");
const trained = join(root, "training", "weights");
const tokenizerFile = join(root, "training", "tokenizer.json");

/** Where what is made is kept from run to run. */
const cache = join(tmpdir(), "rwkv-bench");

/** The bundled network, or one of the official 0.1B shape with random weights, which run just as fast. */
export function benchModel(shape: ShapeName): BenchModel {
  mkdirSync(cache, { recursive: true });
  const source =
    shape === "bundled" ? join(trained, "model.safetensors") : random01B();
  const open = <T>(use: (checkpoint: CheckpointWeights) => T): T => {
    const checkpoint = openCheckpoint(source);
    try {
      return use(checkpoint);
    } finally {
      checkpoint.close();
    }
  };
  const architecture = open(architectureOf);
  const { vocabulary, layers, width } = architecture;
  const built = new Set<Quantisation>();
  const ours = (quantisation: Quantisation) => {
    const folder = join(cache, `${shape}-${quantisation}`);
    if (built.has(quantisation)) return folder;
    mkdirSync(folder, { recursive: true });
    open((checkpoint) =>
      new PackageFiles(folder).writeGraph(architecture.generation, checkpoint, {
        quantisation,
      }),
    );
    built.add(quantisation);
    return folder;
  };
  return {
    shape,
    layers,
    width,
    vocabulary,
    multiplyAdds: open(multiplyAddsOf),
    ...(shape === "bundled" && {
      copy: {
        gate: join(trained, "copy.safetensors"),
        ngrams: join(trained, "ngrams.bin"),
      },
    }),
    ours,
    gguf: (type) =>
      made(`${shape}-${type}.gguf`, source, (path) => {
        const bpe = JSON.parse(readFileSync(tokenizerFile, "utf8")) as BpeFile;
        open((checkpoint) =>
          writeGguf(path, checkpoint, architecture, {
            name: shape,
            // Token ids are all that is used of it.
            metadata: ggufBpe(bpe, vocabulary),
            matrices: encoders[type],
          }),
        );
      }),
    pth: () =>
      made(`${shape}.pth`, source, (path) =>
        open((checkpoint) => writePth(path, checkpoint)),
      ),
    bytesPerToken: (quantisation) =>
      statSync(join(ours(quantisation), weightsFile)).size -
      vocabulary * width * 2,
  };
}

/** A file of the cache, made if it is not there or older than what it is made from. */
function made(
  name: string,
  source: string | undefined,
  make: (path: string) => void,
): string {
  const path = join(cache, name);
  const fresh =
    existsSync(path) &&
    (source === undefined ||
      statSync(path).mtimeMs >= statSync(source).mtimeMs);
  if (!fresh) {
    const partial = join(cache, `partial-${name}`);
    rmSync(partial, { force: true });
    make(partial);
    renameSync(partial, path);
  }
  return path;
}

function random01B(): string {
  return made("0.1B.safetensors", undefined, (path) =>
    writeSafetensors(path, new OfficialWeights("0.1B")),
  );
}

function multiplyAddsOf(weights: CheckpointWeights): number {
  return weights
    .names()
    .filter((name) => /^blocks\..*(\.weight|[wavg][12])$/.test(name))
    .map((name) => weights.dims(name))
    .filter((dims) => dims.length === 2)
    .reduce((sum, dims) => sum + dims[0]! * dims[1]!, 0);
}
