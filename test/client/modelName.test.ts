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
