import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OnnxModel } from "../../../src/engine/onnxModel";
import { exportModel } from "../../../src/models/export/exportModel";
import type { Generation } from "../../../src/models/formats/architecture";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { gguf, type GgufMetadata } from "../../../src/models/formats/ggufFile";
import { writeGguf } from "../../../src/models/formats/writeGguf";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { importModel } from "../../support/importModel";
import { graphFile } from "../../../src/models/package/manifest";
import { largestDifference } from "../../engine/harness";
import { reference, type Epsilons } from "../../engine/reference";
import { asHuggingFace } from "../formats/writers/huggingFace";
import { MemoryWeights, type Tensors } from "../formats/writers/memoryWeights";
import { writeParts } from "../formats/writers/parts";
import { writePth } from "../formats/writers/pth";
import { randomModel, smallSize } from "../formats/writers/randomModel";
import { asTransformers } from "../formats/writers/transformers";

const signal = new AbortController().signal;
const size = { ...smallSize, vocabulary: 256 };
const tokens = [10, 200, 3, 3, 97, 0, 255, 42];

/** What is not in the tensors, and changes what they compute. */
describe("ε of an imported model's norms", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rwkv-epsilon-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const config = (fields: object, where = folder) =>
    writeFileSync(join(where, "config.json"), JSON.stringify(fields));
  const safetensors = (tensors: Tensors) => {
    const path = join(folder, "model.safetensors");
    writeSafetensors(path, new MemoryWeights(tensors), encodeFp32);
    return path;
  };
  /** How far the imported graph's logits are from a forward in double precision. */
  const distance = async (
    source: string,
    generation: Generation,
    tensors: Tensors,
    epsilons: Partial<Epsilons>,
  ) => {
    const out = join(folder, "out");
    await importModel(source, out, { quantisation: "none", signal });
    const exact = reference(generation, new MemoryWeights(tensors), epsilons);
    const expected = tokens.map((token) => exact.step(token));
    const model = await OnnxModel.load(join(out, graphFile), 256, 1);
    const { logits } = await model.step(tokens, model.emptyState, [
      ...tokens.keys(),
    ]);
    await model.dispose();
    return Math.max(
      ...expected.map((row, i) =>
        largestDifference(logits.subarray(256 * i, 256 * (i + 1)), row),
      ),
    );
  };

  const seven = randomModel("7", size);
  const inFla = { layer: 2e-3, out: 2e-3, head: smallSize.headSize * 2e-3 };
  const cases: [
    string,
    Generation,
    Tensors,
    (tensors: Tensors) => string,
    Partial<Epsilons>,
  ][] = [
    [
      "norm_eps of flash-linear-attention's RWKV-7",
      "7",
      seven,
      (tensors) => {
        config({ model_type: "rwkv7", norm_eps: 2e-3, hidden_size: 64 });
        return safetensors(asHuggingFace(tensors).tensors);
      },
      inFla,
    ],
    [
      "norm_eps beside pytorch_model.bin, with nothing else in the config",
      "7",
      seven,
      (tensors) => {
        config({ norm_eps: 2e-3 });
        const path = join(folder, "pytorch_model.bin");
        writePth(path, asHuggingFace(tensors));
        return path;
      },
      inFla,
    ],
    [
      "norm_eps beside an index and its parts",
      "7",
      seven,
      (tensors) => {
        config({ norm_eps: 2e-3 });
        const names = asHuggingFace(tensors).tensors;
        return writeParts(folder, names, "safetensors", 2).index;
      },
      inFla,
    ],
    [
      "norm_eps beside official names in a .pth",
      "7",
      seven,
      (tensors) => {
        config({ norm_eps: 2e-3 });
        const path = join(folder, "m.pth");
        writePth(path, new MemoryWeights(tensors));
        return path;
      },
      inFla,
    ],
    [
      "norm_eps of flash-linear-attention's RWKV-6",
      "6",
      randomModel("6", size),
      (tensors) => {
        config({ model_type: "rwkv6", norm_eps: 2e-3 });
        return safetensors(asHuggingFace(tensors).tensors);
      },
      { layer: 2e-3, out: 2e-3, head: 64 * 2e-3 },
    ],
    [
      "layer_norm_epsilon of transformers' RWKV-4, which the last norm does not have",
      "4",
      randomModel("4", size),
      (tensors) => {
        config({ model_type: "rwkv", layer_norm_epsilon: 3e-2 });
        return safetensors(asTransformers(tensors));
      },
      { layer: 3e-2, out: 1e-5 },
    ],
    [
      "head_size_divisor of RWKV-5",
      "5.2",
      randomModel("5.2", size),
      (tensors) => {
        config({ model_type: "rwkv5", head_size_divisor: 40 });
        return safetensors(asTransformers(tensors));
      },
      { head: 1e-5 * 1600 },
    ],
    [
      "the layer_norm_epsilon that a GGUF names",
      "7",
      seven,
      (tensors) => writeGgufOf(tensors, 5e-3),
      { layer: 5e-3, out: 5e-3 },
    ],
    ["none, where nothing is said", "7", seven, safetensors, {}],
    [
      "none of another model's config.json",
      "7",
      seven,
      (tensors) => {
        config({ model_type: "llama", norm_eps: 2e-3, hidden_size: 9 });
        return safetensors(tensors);
      },
      {},
    ],
  ];
  for (const [what, generation, tensors, write, epsilons] of cases) {
    it(`is ${what}`, async () => {
      const far = await distance(write(tensors), generation, tensors, epsilons);
      assert.ok(far < 1e-4, `logits differ by ${far}`);
      if (Object.keys(epsilons).length === 0) return;
      const source = write(tensors);
      const usual = await distance(source, generation, tensors, {});
      assert.ok(usual > 1e-3, `the usual ε gives the same but for ${usual}`);
    });
  }

  function writeGgufOf(tensors: Tensors, normEpsilon?: number): string {
    const path = join(folder, "m.gguf");
    const metadata: GgufMetadata = new Map([["general.name", gguf.text("m")]]);
    const architecture = {
      ...size,
      generation: "7" as const,
      heads: 2,
      tiedHead: false,
      preNormalised: false,
    };
    writeGguf(path, new MemoryWeights(tensors), architecture, {
      name: "m",
      metadata,
      matrices: encodeFp32,
      ...(normEpsilon !== undefined && { normEpsilon }),
    });
    return path;
  }

  const refusals: [string, object | string, RegExp][] = [
    [
      "no number",
      { norm_eps: "1e-5" },
      /norm_eps = "1e-5", which is impossible/,
    ],
    ["zero", { norm_eps: 0 }, /norm_eps = 0, which is impossible/],
    ["a negative one", { layer_norm_epsilon: -1 }, /= -1, which is impossible/],
    ["an infinite divisor", { head_size_divisor: 1e300 }, /head_size_divisor/],
    [
      "a config of another size",
      { model_type: "rwkv7", num_hidden_layers: 12 },
      /num_hidden_layers = 12, and the weights beside it have 2.*move it away/,
    ],
    [
      "another activation",
      { model_type: "rwkv7", hidden_act: "swish" },
      /hidden_act = "swish".*sqrelu; choose another model/,
    ],
    [
      "a config that is cut off",
      '{"norm_eps": 1e',
      /config\.json cannot be read.*download it again, or move it away/,
    ],
  ];
  for (const [what, fields, cause] of refusals) {
    it(`refuses ${what} in one sentence`, async () => {
      const source = safetensors(seven);
      writeFileSync(
        join(folder, "config.json"),
        typeof fields === "string" ? fields : JSON.stringify(fields),
      );
      const run = importModel(source, join(folder, "out"), {
        quantisation: "none",
        signal,
      });
      await assert.rejects(run, (error: Error) => {
        assert.equal(error.name, "ModelError");
        assert.match(error.message, cause);
        return true;
      });
    });
  }

  it("takes a folder of that name for what it is", async () => {
    mkdirSync(join(folder, "config.json"));
    const far = await distance(safetensors(seven), "7", seven, {});
    assert.ok(far < 1e-4);
  });

  it("is not exported into a format that has no place for it", async () => {
    const source = writeGgufOf(seven, 5e-3);
    const vocabulary = join(folder, "unused.safetensors");
    await assert.rejects(
      exportModel(source, vocabulary, { type: "f32" }),
      /use ε = 0\.005, and the format can only express 0\.00001,.*import the checkpoint here/,
    );
    config({ norm_eps: 2e-3 });
    const other = safetensors(asHuggingFace(seven).tensors);
    await assert.rejects(
      exportModel(other, join(folder, "x.gguf"), { type: "f32" }),
      /use ε = 0\.064, and the format can only express 0\.00064,/,
    );
  });
});
