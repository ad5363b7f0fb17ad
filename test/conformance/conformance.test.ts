import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { architectureOf } from "../../src/models/formats/architecture";
import {
  encodeFp16,
  encodeFp32,
  type Encoder,
} from "../../src/models/formats/encode";
import { openCheckpoint } from "../../src/models/formats/open";
import { writeGguf } from "../../src/models/formats/writeGguf";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import { asHuggingFace } from "../models/formats/writers/huggingFace";
import {
  inMemory,
  MemoryWeights,
} from "../models/formats/writers/memoryWeights";
import { writePth } from "../models/formats/writers/pth";
import { quantisers } from "../models/formats/writers/quantise";
import { writeRwkvCpp } from "../models/formats/writers/rwkvCpp";
import { conform, findCheckpoints, type Pair } from "./conform";

// Tiny models of rwkv.cpp's test suite, beside the checkout and not part of it.
const fixtures = join(
  __dirname,
  "..",
  "..",
  "..",
  "shared",
  "fixtures",
  "rwkv.cpp",
);

describe("conformance", function () {
  this.timeout(120_000);
  let folder = "";

  before(function () {
    if (!existsSync(fixtures)) this.skip();
    folder = mkdtempSync(join(tmpdir(), "rwkv-conformance-"));
  });
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  it("computes the expected logits of every fixture", async () => {
    const pairs = findCheckpoints(fixtures);
    assert.ok(pairs.length >= 8);
    const generations = new Set<string>();
    for (const pair of pairs) {
      assert.ok(pair.expected !== undefined);
      generations.add((await passes(pair)).generation);
    }
    assert.deepEqual([...generations].sort(), ["4", "5.1", "5.2", "6", "7"]);
  });

  for (const pair of existsSync(fixtures) ? findCheckpoints(fixtures) : []) {
    const name = basename(pair.checkpoint, ".bin");
    if (!name.endsWith("-FP32") && !name.startsWith("tiny-rwkv-6")) continue;

    it(`computes ${name} alike from other containers`, async () => {
      const source = openCheckpoint(pair.checkpoint);
      try {
        const architecture = architectureOf(source);
        const { generation } = architecture;
        const tensors = inMemory(source);
        const weights = new MemoryWeights(tensors);
        const write = async (
          file: string,
          encoder: Encoder,
          save: (path: string) => void,
        ) => {
          const stem = name.replace(/-[^-]+$/, `-${encoder.type.name}`);
          const path = join(folder, stem + file);
          save(path);
          // What was rounded already is not what the logits were expected of.
          const expected = name.endsWith("-FP32") ? pair.expected : undefined;
          const result = await passes({ checkpoint: path, expected });
          assert.equal(result.format, encoder.type.name);
          rmSync(path);
        };
        const fp32 = encodeFp32;
        await write(".pth", fp32, (path) => writePth(path, weights, fp32));
        for (const encoder of [encodeFp32, encodeFp16]) {
          await write(".safetensors", encoder, (path) =>
            writeSafetensors(path, weights, encoder),
          );
        }
        if (generation === "6" || generation === "7") {
          const huggingFace = asHuggingFace(tensors);
          await write("-hf.safetensors", fp32, (path) =>
            writeSafetensors(path, huggingFace, fp32),
          );
          await write(".gguf", fp32, (path) =>
            writeGguf(path, weights, architecture, {
              name,
              metadata: new Map(),
              matrices: fp32,
            }),
          );
        }
        if (generation !== "7") return;
        // The five quantised types of rwkv.cpp, whose blocks are of 32.
        for (const encoder of quantisers) {
          if (encoder.type.values !== 32) continue;
          await write(".bin", encoder, (path) =>
            writeRwkvCpp(path, weights, encoder),
          );
        }
      } finally {
        source.close();
      }
    });
  }

  it("says which file could not be read, and why", async () => {
    const path = join(__dirname, "conform.ts");
    const result = await conform({ checkpoint: path, expected: undefined });
    assert.equal(result.pass, false);
    assert.match(result.error!, /conform\.ts/);
  });
});

async function passes(pair: Pair) {
  const result = await conform(pair);
  assert.ok(result.pass, JSON.stringify(result));
  return result;
}
