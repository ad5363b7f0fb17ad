import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { OnnxModel } from "../../../src/engine/onnxModel";
import {
  exportModel,
  type ExportOptions,
} from "../../../src/models/export/exportModel";
import { architectureOf } from "../../../src/models/formats/architecture";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { importModel } from "../../support/importModel";
import { graphFile } from "../../../src/models/package/manifest";
import { tinyTokenizer } from "../../support/tinyModel";
import { MemoryWeights } from "../formats/writers/memoryWeights";
import { randomModel } from "../formats/writers/randomModel";

/** Sizes that llama.cpp's kernels take: heads of 64. */
const size = {
  layers: 3,
  width: 128,
  headSize: 64,
  ffn: 512,
  vocabulary: 8 + 256 + tinyTokenizer.merges.length,
  rank: 32,
};

describe("export", () => {
  let folder: string;
  let source: string;
  const weights = new MemoryWeights(randomModel("7", size, 3));

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-export-"));
    source = join(folder, "model.safetensors");
    writeSafetensors(source, weights, encodeFp32);
    writeFileSync(
      join(folder, "tokenizer.json"),
      JSON.stringify(tinyTokenizer),
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const exported = async (name: string, type: ExportOptions["type"]) => {
    const path = join(folder, name);
    await exportModel(source, path, { type, name: "tiny", license: "MIT" });
    return path;
  };

  for (const [file, type, most] of [
    ["a.safetensors", "f32", 0],
    ["b.safetensors", "f16", 2 ** -11],
    ["a.gguf", "f32", 0],
    ["b.gguf", "f16", 2 ** -11],
    ["c.gguf", "q8_0", 1 / 127],
  ] as const) {
    it(`${file} as ${type} holds the same network`, async () => {
      const checkpoint = openCheckpoint(await exported(file, type));
      assert.equal(architectureOf(checkpoint).generation, "7");
      for (const name of weights.names()) {
        // The first layer does not use its v0, v1, v2.
        if (/^blocks\.0\.att\.v[012]$/.test(name)) continue;
        const values = checkpoint.float32(name);
        assert.deepEqual(
          checkpoint.dims(name).filter((dim) => dim > 1),
          weights.dims(name).filter((dim) => dim > 1),
        );
        weights.float32(name).forEach((value, i) => {
          assert.ok(Math.abs(values[i]! - value) <= most, `${name}[${i}]`);
        });
      }
      checkpoint.close();
    });
  }

  it("refuses what a format cannot hold, with the way out", async () => {
    await assert.rejects(exported("x.bin", "f16"), /\.gguf or \.safetensors/);
    await assert.rejects(exported("x.safetensors", "q8_0"), /f32 or f16/);
  });

  for (const type of ["f32", "f16"] as const) {
    it(`llama.cpp and we agree on 64 greedy tokens at ${type}`, async function () {
      const llama = llamaModule();
      if (llama === undefined) return this.skip();
      this.timeout(60_000);
      const path = await exported(`llama-${type}.gguf`, type);
      const prompt = [0, 100, 265, 1];
      assert.deepEqual(
        await ourGreedy(path, join(folder, `package-${type}`), prompt, 64),
        llamaGreedy(llama, path, prompt, 64),
      );
    });
  }
});

async function ourGreedy(
  gguf: string,
  folder: string,
  prompt: number[],
  count: number,
): Promise<number[]> {
  const signal = new AbortController().signal;
  await importModel(gguf, folder, {
    quantisation: "none",
    tokenizer: join(gguf, "..", "tokenizer.json"),
    signal,
  });
  const model = await OnnxModel.load(
    join(folder, graphFile),
    size.vocabulary,
    1,
  );
  const tokens: number[] = [];
  let step = await model.step(prompt, model.emptyState);
  while (tokens.length < count) {
    const token = step.logits.indexOf(Math.max(...step.logits));
    tokens.push(token);
    step = await model.step([token], step.state);
  }
  await model.dispose();
  return tokens;
}

/** node-llama-cpp where it is installed, in NODE_LLAMA_CPP or here: it is too large to depend on. */
function llamaModule(): string | undefined {
  const from = join(process.env.NODE_LLAMA_CPP ?? process.cwd(), "x.js");
  try {
    return createRequire(from).resolve("node-llama-cpp");
  } catch {
    return undefined;
  }
}

/** In a process of its own, which a native crash would end alone. */
function llamaGreedy(
  module: string,
  model: string,
  prompt: number[],
  count: number,
): number[] {
  const script = `
    const { getLlama, LlamaLogLevel } = await import(${JSON.stringify(pathToFileURL(module).href)});
    const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
    const model = await llama.loadModel({ modelPath: ${JSON.stringify(model)} });
    const context = await model.createContext({ contextSize: 512, threads: 1 });
    const tokens = [];
    const options = { temperature: 0, yieldEogToken: true };
    for await (const token of context.getSequence().evaluate(${JSON.stringify(prompt)}, options)) {
      tokens.push(token);
      if (tokens.length === ${count}) break;
    }
    console.log(JSON.stringify(tokens));
    await llama.dispose();`;
  const program = `${model}.mjs`;
  writeFileSync(program, script);
  const { stdout, stderr } = spawnSync(process.execPath, [program], {
    encoding: "utf8",
  });
  try {
    return JSON.parse(stdout) as number[];
  } catch {
    throw new Error(`llama.cpp did not generate: ${stderr}`);
  }
}
