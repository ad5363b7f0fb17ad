import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  architectureOf,
  type Architecture,
} from "../../../src/models/formats/architecture";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { ggmlTypes } from "../../../src/models/formats/gguf";
import { gguf, writeGgufFile } from "../../../src/models/formats/ggufFile";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeGguf } from "../../../src/models/formats/writeGguf";
import { refused } from "./refusal";
import { file, temporaryFolder } from "./temporaryFolder";
import { MemoryWeights } from "./writers/memoryWeights";
import { randomModel, smallSize } from "./writers/randomModel";
import { fields } from "./writers/zip";

const shape: Architecture = {
  ...smallSize,
  generation: "7",
  heads: 2,
  tiedHead: false,
  preNormalised: false,
};

describe("gguf", () => {
  const path = temporaryFolder();

  it("names every number type of ggml that it does not read, and none by a number", () => {
    // All of enum ggml_type that were ever written into files.
    const given = [...Array(42).keys()].filter(
      (type) => ![4, 5].includes(type),
    );
    for (const type of given.filter((type) => !ggmlTypes.has(type))) {
      const bytes = [header(1, 0), tensor("a", [256], type, 0)];
      refused(
        file(path("type.gguf"), Buffer.concat(bytes)),
        /stored as [A-Z][A-Z0-9_]+, which is not read/,
      );
    }
  });

  it("exposes what the file says, the vocabulary included", () => {
    const metadata = new Map([
      ["tokenizer.ggml.model", gguf.text("rwkv")],
      ["tokenizer.ggml.tokens", gguf.texts(["<s>", "\\x00", "né"])],
      ["tokenizer.ggml.token_type", gguf.int32s([3, 1, 1])],
      ["tokenizer.ggml.add_bos_token", gguf.bool(true)],
    ]);
    const weights = new MemoryWeights(randomModel("7"));
    writeGguf(path("m.gguf"), weights, shape, { name: "tiny", metadata });
    const opened = openCheckpoint(path("m.gguf"));
    const said = opened.metadata;
    equal(said.get("general.architecture"), "rwkv7");
    equal(said.get("general.name"), "tiny");
    equal(said.get("rwkv7.attention.decay_lora_rank"), 32);
    deepEqual(said.get("tokenizer.ggml.tokens"), ["<s>", "\\x00", "né"]);
    deepEqual(said.get("tokenizer.ggml.token_type"), [3, 1, 1]);
    equal(said.get("tokenizer.ggml.add_bos_token"), true);
    opened.close();
  });

  it("undoes the scaling of an RWKV-6 that halves its activations every n layers", () => {
    const tensors = randomModel("6", { ...smallSize, layers: 5 });
    const scaled = new Map(
      [...tensors].map(([name, tensor]) => {
        const [, layer] =
          /^blocks\.(\d+)\.(?:att\.output|ffn\.value)\./.exec(name) ?? [];
        if (layer === undefined) return [name, tensor];
        const scale = 2 ** -Math.floor(Number(layer) / 2);
        return [
          name,
          { ...tensor, values: tensor.values.map((x) => x * scale) },
        ];
      }),
    );
    writeGguf(
      path("6.gguf"),
      new MemoryWeights(scaled),
      { ...shape, generation: "6", layers: 5 },
      {
        name: "6",
        metadata: new Map([["rwkv6.rescale_every_n_layers", gguf.uint32(2)]]),
        matrices: encodeFp32,
      },
    );
    const opened = openCheckpoint(path("6.gguf"));
    equal(architectureOf(opened).layers, 5);
    for (const [name, { values }] of tensors)
      deepEqual(opened.float32(name), values, name);
    opened.close();
  });

  it("ignores the first layer's unused value mixing, which the writer adds for llama.cpp", () => {
    const weights = new MemoryWeights(randomModel("7"));
    writeGguf(path("v.gguf"), weights, shape, {
      name: "v",
      metadata: new Map(),
    });
    equal(
      readFileSync(path("v.gguf")).includes("blk.0.time_mix_v1.weight"),
      true,
    );
    const opened = openCheckpoint(path("v.gguf"));
    equal(opened.has("blocks.0.att.v1"), false);
    equal(opened.has("blocks.1.att.v1"), true);
    opened.close();
  });

  for (const architecture of ["llama", "rwkv6qwen2", "arwkv7"]) {
    it(`refuses ${architecture} by name`, () => {
      const metadata = new Map([
        ["general.architecture", gguf.text(architecture)],
      ]);
      writeGgufFile(path("other.gguf"), metadata, []);
      refused(path("other.gguf"), new RegExp(architecture));
    });
  }

  it("refuses one part of a split model with the way out", () => {
    const metadata = new Map([["split.count", gguf.uint32(3)]]);
    writeGgufFile(path("split.gguf"), metadata, []);
    refused(path("split.gguf"), /one of 3 parts.*llama-gguf-split/);
  });

  const text = (value: string) =>
    Buffer.concat([fields([[8, value.length]]), Buffer.from(value)]);
  const header = (tensors: number, keys: number, version = 3) =>
    fields([
      [4, 0x46554747],
      [4, version],
      [8, tensors],
      [8, keys],
    ]);
  const tensor = (name: string, dims: number[], type: number, offset: number) =>
    Buffer.concat([
      text(name),
      fields([
        [4, dims.length],
        ...dims.map((dim) => [8, dim] as const),
        [4, type],
        [8, offset],
      ]),
    ]);
  const array = (key: string, type: number, count: number) =>
    Buffer.concat([
      text(key),
      fields([
        [4, 9],
        [4, type],
        [8, count],
      ]),
    ]);
  const hostile: [string, RegExp, Buffer[]][] = [
    ["version 1", /version 1 of GGUF/, [header(0, 0, 1)]],
    ["big-endian files", /big-endian/, [header(0, 0, 3 << 24)]],
    ["a billion tensors", /claims 1000000000 tensors/, [header(1e9, 0)]],
    ["a billion keys", /claims 1000000000 metadata/, [header(0, 1e9)]],
    ["keys that are not there", /has only/, [header(0, 5)]],
    [
      "a key of a terabyte",
      /claims 1099511627776 bytes/,
      [header(0, 1), fields([[8, 2 ** 40]])],
    ],
    [
      "an array of a billion",
      /claims 1000000000 items/,
      [header(0, 1), array("a", 4, 1e9)],
    ],
    [
      "an array longer than the file",
      /has only/,
      [header(0, 1), array("a", 8, 1e6)],
    ],
    ["arrays of arrays", /array of type 9/, [header(0, 1), array("a", 9, 1)]],
    [
      "an unknown type of value",
      /type 77/,
      [header(0, 1), text("a"), fields([[4, 77]])],
    ],
    [
      "a key twice",
      /"a" twice/,
      [
        header(0, 2),
        text("a"),
        fields([
          [4, 4],
          [4, 1],
        ]),
        text("a"),
        fields([
          [4, 4],
          [4, 1],
        ]),
      ],
    ],
    [
      "five dimensions",
      /claims 5 dimensions/,
      [header(1, 0), tensor("a", [1, 1, 1, 1, 1], 0, 0)],
    ],
    [
      "absurd dimensions",
      /would take/,
      [header(1, 0), tensor("a", [2 ** 50, 2 ** 50], 0, 0)],
    ],
    ["no values", /dimensions/, [header(1, 0), tensor("a", [0], 0, 0)]],
    [
      "a number type that is known and not read, by name",
      /stored as TQ1_0, which is not read \(.*Q8_0.*IQ4_XS.*\); import the same model in one of these types/,
      [header(1, 0), tensor("a", [256], 34, 0)],
    ],
    [
      "a number type that is not known",
      /number type 99, which is not known; .*update the extension/,
      [header(1, 0), tensor("a", [256], 99, 0)],
    ],
    [
      "rows that are no whole blocks",
      /rows of 33 values, which Q4_0/,
      [header(1, 0), tensor("a", [33], 2, 0)],
    ],
    [
      "data beyond the end",
      /would take/,
      [header(1, 0), tensor("a", [32], 0, 2 ** 40)],
    ],
    [
      "tensors that overlap",
      /overlap/,
      [
        header(2, 0),
        tensor("a", [8], 0, 0),
        tensor("b", [8], 0, 16),
        Buffer.alloc(200),
      ],
    ],
    [
      "a tensor twice",
      /is in the file twice/,
      [
        header(2, 0),
        tensor("a", [8], 0, 0),
        tensor("a", [8], 0, 32),
        Buffer.alloc(200),
      ],
    ],
    [
      "an alignment of zero",
      /alignment is 0/,
      [
        header(0, 1),
        text("general.alignment"),
        fields([
          [4, 4],
          [4, 0],
        ]),
      ],
    ],
  ];
  for (const [what, cause, parts] of hostile) {
    it(`refuses ${what}`, () => {
      refused(file(path("hostile.gguf"), Buffer.concat(parts)), cause);
    });
  }
});
