import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { generations } from "../../../src/engine/build";
import { OnnxModel } from "../../../src/engine/onnxModel";
import { requireSpace } from "../../../src/models/import/diskSpace";
import { exportModel } from "../../../src/models/export/exportModel";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import type { ImportOptions } from "../../../src/models/import/importModel";
import { importInChild } from "../../../src/models/import/importProcess";
import { loadModel } from "../../../src/runtime/loadedModel";
import { importModel } from "../../support/importModel";
import { openModelPackage } from "../../support/openModelPackage";
import {
  comparisonText,
  mostPositions,
} from "../../../src/models/import/quantisationLoss";
import { bytesOfText, encode } from "../../../src/tokenizer/tokenizer";
import {
  smallTokenizerJson,
  smallWorldVocabulary,
} from "../../tokenizer/support/smallVocabularies";
import { MemoryWeights, type Tensor } from "../formats/writers/memoryWeights";
import { assertTold } from "../../support/toldInChinese";
import { randomModel, smallSize } from "../formats/writers/randomModel";

const never = new AbortController().signal;
const int8: ImportOptions = { quantisation: "int8", signal: never };

describe("import", () => {
  let folder: string;
  let out: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-import-"));
    out = join(folder, "models", "new");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A checkpoint of random weights in `folder`. */
  const checkpoint = (
    vocabulary = 256,
    generation: (typeof generations)[number] = "7",
    change: (tensors: Map<string, Tensor>) => void = () => {},
  ) => {
    const size = { ...smallSize, vocabulary };
    const tensors = randomModel(generation, size);
    change(tensors);
    const path = join(folder, "model.safetensors");
    writeSafetensors(path, new MemoryWeights(tensors), encodeFp32);
    return path;
  };
  /** Everything below `folder` but the checkpoint. */
  const left = () =>
    readdirSync(folder).filter((name) => name !== "model.safetensors");

  for (const generation of generations) {
    it(`makes a package of an RWKV-${generation} and says what quantisation costs`, async () => {
      const { manifest, loss } = await importModel(
        checkpoint(256, generation),
        out,
        int8,
      );
      assert.equal(manifest.generation, generation);
      assert.equal(manifest.architecture, `rwkv${generation[0]}`);
      assert.deepEqual(await openModelPackage(out, never), manifest);
      assert.ok(!("code" in loss));
      assert.deepEqual(manifest.quantisationLoss, loss);
      assert.equal(loss.positions, 64);
      assert.ok(loss.klDivergence >= 0 && loss.klDivergence < 0.01);
      assert.ok(loss.topAgreement > 0.8);
      assert.deepEqual(readdirSync(join(folder, "models")), ["new"]);
      const model = await loadModel(out, {
        threads: 1,
        memoryBudget: 1e6,
        signal: never,
      });
      assert.match(model.description, new RegExp(`RWKV-${generation}, `));
      assert.deepEqual(model.documentStart("a.ts"), [10]);
      assert.equal(model.sources.gate?.copies, 8, "copies are mixed in");
      await model.dispose();
    });
  }

  const withoutHead = (tensors: Map<string, Tensor>) =>
    tensors.delete("head.weight");
  const compared = [
    ...generations.map((each) => [each, each] as const),
    ["7a without a head of its own", "7a", withoutHead] as const,
  ];
  for (const [what, generation, change] of compared) {
    it(`measures the loss of an RWKV-${what} as between two whole models`, async () => {
      const source = checkpoint(256, generation, change);
      const { loss } = await importModel(source, out, int8);
      const exact = join(folder, "exact");
      const none = await importModel(source, exact, {
        ...int8,
        quantisation: "none",
      });
      assert.deepEqual(none.loss, { code: "nothing quantised", args: [] });
      const expected = lossOf(await logitsOf(exact), await logitsOf(out));
      assert.ok(!("code" in loss));
      assert.equal(loss.positions, expected.positions);
      assert.equal(loss.topAgreement, expected.topAgreement);
      const difference = Math.abs(loss.klDivergence - expected.klDivergence);
      assert.ok(difference < 1e-8, `${difference}`);
    });
  }

  it("names a model after its folder where its file has everybody's name", async () => {
    const { manifest } = await importModel(checkpoint(), out, int8);
    assert.equal(manifest.name, basename(folder));
    const own = join(folder, "rwkv7-0.1b-00001-of-00001.safetensors");
    renameSync(join(folder, "model.safetensors"), own);
    const again = await importModel(own, out, int8);
    assert.equal(again.manifest.name, "rwkv7-0.1b");
  });

  it("finds the World vocabulary beside the checkpoint", async () => {
    const source = checkpoint(320);
    writeFileSync(join(folder, "rwkv_vocab_small.txt"), smallWorldVocabulary());
    const { manifest } = await importModel(source, out, int8);
    assert.deepEqual(manifest.tokenizer, {
      kind: "world",
      file: "vocabulary.txt",
    });
    assert.deepEqual(manifest.documentStart, { tokens: [0] });
  });

  it("finds tokenizer.json beside the checkpoint", async () => {
    const source = checkpoint(320);
    const path = join(folder, "20B_tokenizer.json");
    writeFileSync(path, JSON.stringify(smallTokenizerJson()));
    const { manifest } = await importModel(source, out, int8);
    assert.equal(manifest.tokenizer.kind, "neox");
  });

  it("reads the vocabulary that a GGUF brings", async () => {
    const vocabulary = join(folder, "words.txt");
    writeFileSync(vocabulary, smallWorldVocabulary());
    const gguf = join(folder, "alone", "model.gguf");
    mkdirSync(join(folder, "alone"));
    await exportModel(checkpoint(320), gguf, {
      type: "q8_0",
      tokenizer: vocabulary,
    });
    const { manifest } = await importModel(gguf, out, int8);
    assert.match(manifest.provenance, /model\.gguf \(gguf, Q8_0\)/);
    const model = await loadModel(out, {
      threads: 1,
      memoryBudget: 1e6,
      signal: never,
    });
    const tokens = encode(model.tokenizer, bytesOfText("it's\n\n中 return"));
    assert.deepEqual(tokens, [261, 264, 263, 0xad + 1, 259]);
    await model.dispose();
  });

  const refusals: [
    string,
    (() => Partial<ImportOptions>) | undefined,
    RegExp,
  ][] = [
    [
      "no tokenizer",
      undefined,
      /model\.safetensors has no tokenizer.*tokenizer\.json.*--tokenizer/,
    ],
    [
      "a tokenizer that is missing",
      () => ({ tokenizer: join(folder, "none.txt") }),
      /none\.txt is no usable tokenizer.*choose/,
    ],
    [
      "a tokenizer that is damaged",
      () => {
        const tokenizer = join(folder, "t.txt");
        writeFileSync(tokenizer, "1 'a' 2\n");
        return { tokenizer };
      },
      /t\.txt is no usable tokenizer.*line 1.*choose/,
    ],
    [
      "a tokenizer of another model",
      () => {
        const tokenizer = join(folder, "t.json");
        const file = smallTokenizerJson();
        file.model.vocab.xyz = 5000;
        writeFileSync(tokenizer, JSON.stringify(file));
        return { tokenizer };
      },
      /t\.json has 5001 tokens, the model 320.*choose/,
    ],
  ];
  for (const [what, prepare, message] of refusals) {
    it(`refuses ${what} in one sentence and writes nothing`, async () => {
      const source = checkpoint(320);
      const options = { ...int8, ...prepare?.() };
      await assert.rejects(
        importModel(source, out, options),
        (error: Error) => {
          assert.equal(error.name, "ModelError");
          assertTold(error);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
      assert.equal(existsSync(join(folder, "models")), false);
    });
  }

  it("leaves nothing behind when it is cancelled, wherever it is", async () => {
    const source = checkpoint();
    let calls = 0;
    await importModel(source, out, { ...int8, onProgress: () => calls++ });
    rmSync(join(folder, "models"), { recursive: true });
    assert.ok(calls > 20);
    for (let at = 0; at <= calls; at += 7) {
      const abort = new AbortController();
      let call = 0;
      const onProgress = () => {
        if (call++ === at) abort.abort(new Error("enough"));
      };
      const run = importModel(source, out, {
        ...int8,
        signal: abort.signal,
        onProgress,
      });
      await assert.rejects(run, /enough/);
      assert.deepEqual(left(), [], `cancelled at ${at} of ${calls}`);
    }
  });

  it("leaves nothing behind when the checkpoint fails in its middle", async () => {
    const source = checkpoint(256, "6", (tensors) => {
      const name = "blocks.1.ffn.value.weight";
      tensors.get(name)!.values[7] = NaN;
    });
    await assert.rejects(importModel(source, out, int8), /NaN/);
    assert.deepEqual(left(), []);
  });

  it("replaces a package and nothing else", async () => {
    const source = checkpoint();
    await importModel(source, out, { ...int8, name: "first" });
    await importModel(source, out, { ...int8, name: "second" });
    assert.equal((await openModelPackage(out, never)).name, "second");
    assert.deepEqual(readdirSync(join(folder, "models")), ["new"]);
    await assert.rejects(
      importModel(source, folder, int8),
      /belong to no model; choose a folder/,
    );
    assert.ok(existsSync(source));
  });

  it("asks for space before it writes", async () => {
    const nowhere = join(folder, "a", "b");
    await requireSpace(nowhere, 1);
    await assert.rejects(requireSpace(nowhere, 1e18), (error: Error) => {
      assert.match(error.message, /needs 1000000000000 MB.*free some space/);
      return true;
    });
    assert.deepEqual(left(), []);
  });

  it("tells its progress in bytes", async () => {
    const shown: [string, number, number][] = [];
    await importModel(checkpoint(), out, {
      ...int8,
      onProgress: ({ step, done, total }) => shown.push([step, done, total]),
    });
    for (const each of ["writing", "comparing"]) {
      const step = shown.filter(([name]) => name === each);
      const [, done, total] = step.at(-1)!;
      assert.ok(done > 0 && done <= total);
      assert.ok(step.every(([, , other]) => other === total));
    }
  });

  describe("in a process of its own", () => {
    it("gives the same report", async () => {
      const source = checkpoint();
      const { manifest, loss } = await importInChild(source, out, int8);
      const here = await importModel(source, `${out}-here`, int8);
      assert.deepEqual(manifest.files, here.manifest.files);
      assert.ok(!("code" in loss));
    });

    it("fails with the same sentence", async () => {
      await assert.rejects(
        importInChild(join(folder, "none.pth"), out, int8),
        (error: Error) => {
          assert.equal(error.name, "ModelError");
          assert.match(error.message, /none\.pth/);
          return true;
        },
      );
      assert.deepEqual(left(), []);
    });

    it("stops at once and leaves nothing behind", async () => {
      const abort = new AbortController();
      const run = importInChild(checkpoint(), out, {
        ...int8,
        signal: abort.signal,
        onProgress: () => abort.abort(new Error("enough")),
      });
      await assert.rejects(run, /enough/);
      assert.deepEqual(left(), []);
    });
  });
});

/** What a whole byte-level model says to the text that an import compares. */
/** KL divergence in nats and the share of equal likeliest tokens, over rows of logits, in doubles. */
function lossOf(
  exact: readonly Float32Array[],
  quantised: readonly Float32Array[],
) {
  const logProbabilities = (logits: Float32Array) => {
    const sum = [...logits].reduce((all, each) => all + Math.exp(each), 0);
    return [...logits].map((each) => each - Math.log(sum));
  };
  const likeliest = (logits: Float32Array) =>
    logits.indexOf(Math.max(...logits));
  let divergence = 0;
  let agreements = 0;
  for (const [row, logits] of exact.entries()) {
    const other = quantised[row]!;
    const q = logProbabilities(other);
    for (const [token, p] of logProbabilities(logits).entries())
      divergence += Math.exp(p) * (p - q[token]!);
    if (likeliest(logits) === likeliest(other)) agreements++;
  }
  const positions = exact.length;
  return {
    positions,
    klDivergence: divergence / positions,
    topAgreement: agreements / positions,
  };
}

async function logitsOf(folder: string): Promise<Float32Array[]> {
  const tokens = [10, ...bytesOfText(comparisonText)].slice(0, mostPositions);
  const model = await OnnxModel.load(join(folder, "model.onnx"), 256, 1);
  const { logits } = await model.step(tokens, model.emptyState, [
    ...tokens.keys(),
  ]);
  await model.dispose();
  return tokens.map((_, row) => logits.subarray(row * 256, (row + 1) * 256));
}
