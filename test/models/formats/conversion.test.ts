import { deepEqual, equal, ok } from "node:assert/strict";
import {
  architectureOf,
  type Architecture,
  type Generation,
} from "../../../src/models/formats/architecture";
import type { Container } from "../../../src/models/formats/checkpoint";
import {
  encodeFp16,
  encodeFp32,
  type Encoder,
} from "../../../src/models/formats/encode";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeGguf } from "../../../src/models/formats/writeGguf";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { sameValues } from "./sameValues";
import { temporaryFolder } from "./temporaryFolder";
import { asHuggingFace } from "./writers/huggingFace";
import { encodeFp64 } from "./writers/float64";
import { encodeBf16 } from "./writers/bfloat16";
import { MemoryWeights } from "./writers/memoryWeights";
import { writePth } from "./writers/pth";
import { bitsOf, quantisers } from "./writers/quantise";
import { lowQuantisers } from "./writers/quantiseLow";
import { randomModel, smallSize } from "./writers/randomModel";
import { writeRwkvCpp } from "./writers/rwkvCpp";

const generations: Generation[] = ["4", "5.0", "5.1", "5.2", "6", "7", "7a"];
const floats = [encodeFp64, encodeFp32, encodeFp16, encodeBf16];

/** Rows of 256 for the K formats. */
const wide = {
  ...smallSize,
  width: 256,
  headSize: 64,
  ffn: 256,
  vocabulary: 10,
};

describe("conversion", () => {
  const path = temporaryFolder();

  for (const generation of generations) {
    it(`RWKV-${generation} comes back from every container`, () => {
      const tensors = randomModel(generation);
      const weights = new MemoryWeights(tensors);
      const expected = {
        generation,
        layers: 2,
        width: 64,
        heads: generation === "4" ? 64 : 2,
        headSize: generation === "4" ? 1 : 32,
        ffn: 128,
        vocabulary: 50,
        tiedHead: false,
        preNormalised: false,
      };
      const check = (file: string, container: Container, encoder: Encoder) => {
        const opened = openCheckpoint(file);
        try {
          equal(opened.container, container);
          equal(opened.format, encoder.type.name);
          deepEqual(architectureOf(opened), expected);
          sameValues(tensors, opened, tolerance(encoder, container));
        } finally {
          opened.close();
        }
      };
      for (const encoder of floats) {
        writePth(path("m.pth"), weights, encoder);
        check(path("m.pth"), "pth", encoder);
        writeSafetensors(path("m.safetensors"), weights, encoder);
        check(path("m.safetensors"), "safetensors", encoder);
        if (generation === "6" || generation === "7") {
          const hf = asHuggingFace(tensors);
          writePth(path("hf.bin"), hf, encoder);
          check(path("hf.bin"), "pth", encoder);
          writeSafetensors(path("hf.safetensors"), hf, encoder);
          check(path("hf.safetensors"), "safetensors", encoder);
          const options = { name: "m", metadata: new Map(), matrices: encoder };
          writeGguf(path("m.gguf"), weights, expected, options);
          check(path("m.gguf"), "gguf", encoder);
        }
        const isRwkvCpp = encoder === encodeFp32 || encoder === encodeFp16;
        if (isRwkvCpp && generation !== "7a") {
          writeRwkvCpp(path("m.bin"), weights, encoder);
          check(path("m.bin"), "rwkv.cpp", encoder);
        }
      }
      if (generation === "7a") return;
      for (const encoder of quantisers.filter(
        ({ type }) => type.values === 32,
      )) {
        writeRwkvCpp(path("m.bin"), weights, encoder);
        check(path("m.bin"), "rwkv.cpp", encoder);
      }
    });
  }

  for (const encoder of [...quantisers, ...lowQuantisers]) {
    it(`RWKV-7 comes back from GGUF in ${encoder.type.name}`, () => {
      const tensors = randomModel("7", wide);
      const weights = new MemoryWeights(tensors);
      const architecture: Architecture = {
        generation: "7",
        heads: 4,
        tiedHead: false,
        preNormalised: false,
        ...wide,
      };
      const options = { name: "q", metadata: new Map(), matrices: encoder };
      writeGguf(path("q.gguf"), weights, architecture, options);
      const opened = openCheckpoint(path("q.gguf"));
      equal(opened.format, encoder.type.name);
      equal(architectureOf(opened).heads, 4);
      sameValues(tensors, opened, tolerance(encoder));
      opened.close();
    });
  }

  it("a decay that rounded to 0 or 1 comes back as one that rounds the same way", () => {
    const tensors = randomModel("5.2");
    const decay = tensors.get("blocks.0.att.time_decay")!;
    decay.values.set([-30, -20, 6, 4.7, 0, -8]);
    writeRwkvCpp(path("decay.bin"), new MemoryWeights(tensors));
    const opened = openCheckpoint(path("decay.bin"));
    const used = (w: number) => Math.fround(Math.exp(-Math.exp(w)));
    const values = opened.float32("blocks.0.att.time_decay");
    values.forEach((w, i) => {
      ok(Number.isFinite(w));
      ok(Math.abs(used(w) - used(decay.values[i]!)) < 1e-6);
    });
    opened.close();
  });
});

function tolerance({ type }: Encoder, container?: Container): number {
  switch (type.name) {
    case "FP64":
    case "FP32":
      // rwkv.cpp stores exp(−exp(w)): close to 1 it no longer tells one w from the next.
      return container === "rwkv.cpp" ? 3e-5 : 1e-6;
    case "FP16":
      return 1e-3;
    case "BF16":
      return 1 / 256;
    default:
      return 2.5 / 2 ** bitsOf(type);
  }
}
