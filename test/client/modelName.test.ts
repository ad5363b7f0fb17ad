import assert from "node:assert/strict";
import { join } from "node:path";
import { cleanModelName, modelNameOf } from "../../src/client/modelName";

describe("a model's name", () => {
  const names: [string, string][] = [
    ["RWKV-x070-World-0.1B-v2.8.pth", "RWKV-x070-World-0.1B-v2.8"],
    ["rwkv7-0.4b.Q8_0.gguf", "rwkv7-0.4b.Q8_0"],
    ["小模型.safetensors", "小模型"],
    ["a:b*c.bin", "a-b-c"],
    ["bundled.pth", "bundled-2"],
    ["...pth", "model"],
    ["ends with. .pth", "ends with"],
    ["rwkv7-7.2b-00001-of-00003.safetensors", "rwkv7-7.2b"],
    ["rwkv7-1.5b/model.safetensors", "rwkv7-1.5b"],
    ["rwkv7-1.5b/model-00002-of-00004.safetensors", "rwkv7-1.5b"],
    ["rwkv7-1.5b/model.safetensors.index.json", "rwkv7-1.5b"],
    ["rwkv6/pytorch_model.bin", "rwkv6"],
    ["rwkv6/pytorch_model.bin.index.json", "rwkv6"],
  ];
  for (const [file, name] of names) {
    it(`is ${name} for ${file}`, () => {
      assert.equal(modelNameOf(join("/models", file)), name);
    });
  }

  it("stays as it is when it is clean", () => {
    for (const [, name] of names) assert.equal(cleanModelName(name), name);
  });
});
