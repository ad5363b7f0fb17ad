import { deepEqual } from "node:assert/strict";
import { openCheckpoint } from "../../../src/models/formats/open";
import { Safetensors } from "../../../src/models/formats/safetensors";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { refused } from "./refusal";
import { file, temporaryFolder } from "./temporaryFolder";
import { MemoryWeights } from "./writers/memoryWeights";
import { randomModel } from "./writers/randomModel";
import { asTransformers } from "./writers/transformers";

describe("safetensors", () => {
  const path = temporaryFolder();

  it("keeps names and metadata as they are written", () => {
    const weights = new MemoryWeights(
      new Map([["gate.w", { dims: [2], values: Float32Array.of(1, -2) }]]),
    );
    writeSafetensors(path("a.safetensors"), weights, undefined, {
      license: "Apache-2.0",
    });
    const plain = new Safetensors(path("a.safetensors"));
    deepEqual(plain.names(), ["gate.w"]);
    deepEqual([...plain.float32("gate.w")], [1, -2]);
    plain.close();
    const opened = openCheckpoint(path("a.safetensors"));
    deepEqual([...opened.metadata], [["license", "Apache-2.0"]]);
    opened.close();
  });

  it("reads the six mixtures of early flash-linear-attention files, in one tensor", () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const weights = new MemoryWeights(
      new Map([
        [
          "model.embeddings.weight",
          { dims: [1, 2], values: values.slice(0, 2) },
        ],
        ["model.layers.3.attn.x_x", { dims: [6, 1, 1, 2], values }],
      ]),
    );
    writeSafetensors(path("x.safetensors"), weights);
    const opened = openCheckpoint(path("x.safetensors"));
    deepEqual(opened.dims("blocks.3.att.x_a"), [1, 1, 2]);
    deepEqual([...opened.float32("blocks.3.att.x_a")], [8, 9]);
    opened.close();
  });

  it("reads the names of transformers' RWKV-4", () => {
    const official = randomModel("4");
    writeSafetensors(
      path("4.safetensors"),
      new MemoryWeights(asTransformers(official)),
    );
    const opened = openCheckpoint(path("4.safetensors"));
    deepEqual(opened.names(), [...official.keys()]);
    opened.close();
  });

  it("reads over counters that were saved with the weights", () => {
    const json = JSON.stringify({
      "norm.weight": { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      steps: { dtype: "I64", shape: [], data_offsets: [16, 24] },
    });
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(json.length));
    const values = Buffer.from(Float64Array.of(0.1, -2).buffer);
    const bytes = [start, Buffer.from(json), values, Buffer.alloc(8)];
    const opened = openCheckpoint(
      file(path("counter.safetensors"), Buffer.concat(bytes)),
    );
    deepEqual(opened.names(), ["norm.weight"]);
    deepEqual([...opened.float32("norm.weight")], [Math.fround(0.1), -2]);
    opened.close();
  });

  const at = (start: number, end: number, shape = [(end - start) / 4]) => ({
    dtype: "F32",
    shape,
    data_offsets: [start, end],
  });
  const hostile: [string, RegExp, string | object, number?][] = [
    [
      "tensors that overlap",
      /"a" and "b" overlap/,
      { a: at(0, 8), b: at(4, 12) },
    ],
    [
      "a name twice",
      /lists "a" twice/,
      `{"a":${JSON.stringify(at(0, 4))},"\\u0061":${JSON.stringify(at(4, 8))}}`,
    ],
    ["data beyond the end", /has only/, { a: at(0, 4000) }],
    [
      "a shape that does not fit",
      /its shape wants 24/,
      { a: at(0, 4, [2, 3]) },
    ],
    ["an absurd shape", /would take/, { a: at(0, 4, [2 ** 40, 2 ** 40]) }],
    ["no values", /dimensions/, { a: at(0, 0, [0, 2 ** 52]) }],
    ["fractions", /no valid shape/, { a: at(0, 4, [1.5]) }],
    ["negative offsets", /no valid shape/, { a: at(-8, -4) }],
    ["an integer type", /"I64"/, { a: { ...at(0, 8), dtype: "I64" } }],
    ["no entry at all", /"undefined"/, { a: null }],
    ["an array", /this is no checkpoint/, "[]"],
    ["broken JSON", /not JSON/, "{a"],
    ["a header of four gigabytes", /claims to be/, {}, 2 ** 32],
    ["a header longer than the file", /has only/, {}, 5000],
    [
      "a tensor of another model",
      /belongs to no RWKV/,
      {
        "model.embeddings.weight": at(0, 4),
        "model.layers.0.mlp.up": at(4, 8),
      },
    ],
    [
      "a name like a prototype's",
      /neither att\.r_k/,
      `{"__proto__":${JSON.stringify(at(0, 4))}}`,
    ],
  ];
  for (const [what, cause, header, length] of hostile) {
    it(`refuses ${what}`, () => {
      const json = Buffer.from(
        typeof header === "string" ? header : JSON.stringify(header),
      );
      const start = Buffer.alloc(8);
      start.writeBigUInt64LE(BigInt(length ?? json.length));
      const bytes = Buffer.concat([start, json, Buffer.alloc(64)]);
      refused(file(path("hostile.safetensors"), bytes), cause);
    });
  }
});
