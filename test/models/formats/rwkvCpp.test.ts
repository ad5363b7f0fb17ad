import { equal } from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { architectureOf } from "../../../src/models/formats/architecture";
import { openCheckpoint } from "../../../src/models/formats/open";
import { refused } from "./refusal";
import { file, temporaryFolder } from "./temporaryFolder";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { MemoryWeights } from "./writers/memoryWeights";
import { encodeQ4_0 } from "./writers/quantise";
import { randomModel } from "./writers/randomModel";
import { writeRwkvCpp } from "./writers/rwkvCpp";
import { fields } from "./writers/zip";

/** rwkv.cpp's own tiny models; they are not part of this repository. */
const fixtures = join(__dirname, "../../../../shared/fixtures/rwkv.cpp");

/** Generation, layers, width, heads, head size and hidden units of each. */
const tiny: Readonly<Record<string, readonly (string | number)[]>> = {
  "4v0": ["4", 4, 128, 128, 1, 256],
  "5v1": ["5.0", 12, 64, 8, 8, 256],
  "5v2": ["5.2", 12, 64, 8, 8, 256],
  "6v0": ["6", 12, 128, 16, 8, 448],
  "7v0": ["7", 12, 64, 1, 64, 256],
};

describe("rwkv.cpp", () => {
  const path = temporaryFolder();

  it("reads all tiny models of rwkv.cpp's test suite", function () {
    let files: string[];
    try {
      files = readdirSync(fixtures).filter((name) => name.startsWith("tiny"));
    } catch {
      return this.skip();
    }
    for (const name of files) {
      const [, version, format] = /rwkv-(\dv\d)-.*-(\w+)\.bin$/.exec(name)!;
      const opened = openCheckpoint(join(fixtures, name));
      const found = architectureOf(opened);
      equal(opened.container, "rwkv.cpp");
      equal(opened.format, format);
      equal(found.vocabulary, 256);
      const { generation, layers, width, heads, headSize, ffn } = found;
      equal(
        String([generation, layers, width, heads, headSize, ffn]),
        String(tiny[version!]),
      );
      for (const tensor of opened.names()) opened.float32(tensor);
      opened.close();
    }
  });

  const weights = new MemoryWeights(randomModel("5.2"));

  it("reads version 100, but not its quantised blocks", () => {
    writeRwkvCpp(path("100.bin"), weights, encodeFp32, 100);
    openCheckpoint(path("100.bin")).close();
    writeRwkvCpp(path("q100.bin"), weights, encodeQ4_0, 100);
    refused(path("q100.bin"), /Q4_0 of version 100.*quantise the model again/);
  });

  it("refuses a file that was cut between two tensors", () => {
    const cut = randomModel("5.2");
    cut.delete("head.weight");
    writeRwkvCpp(path("cut.bin"), new MemoryWeights(cut));
    refused(path("cut.bin"), /no head\.weight/);
  });

  it("refuses a decay that is none", () => {
    const tensors = randomModel("5.2");
    // As if the decay were stored the way RWKV-4's is.
    tensors.get("blocks.0.att.time_decay")!.values.fill(NaN);
    writeRwkvCpp(path("decay.bin"), new MemoryWeights(tensors));
    refused(path("decay.bin"), /time_decay" contains NaN/);
  });

  const words = (...values: number[]) => fields(values.map((x) => [4, x]));
  const start = words(0x67676d66, 101, 2, 2, 1, 0);
  const hostile: [string, RegExp, Buffer[]][] = [
    ["an unknown version", /version 7/, [words(0x67676d66, 7, 2, 2, 1, 0)]],
    [
      "a given-up number type",
      /number type 5/,
      [words(0x67676d66, 101, 2, 2, 1, 5)],
    ],
    ["a header that ends", /has only 8/, [words(0x67676d66, 101)]],
    ["no tensors", /neither att\.r_k/, [start]],
    ["nine dimensions", /claims 9 dimensions/, [start, words(9, 1, 0, 1)]],
    [
      "a name of four gigabytes",
      /claims a name/,
      [start, words(1, 0xffffffff, 0, 1)],
    ],
    [
      "absurd dimensions",
      /would take/,
      [
        start,
        words(3, 1, 0, ...Array<number>(3).fill(0xffffffff)),
        Buffer.from("a"),
      ],
    ],
    ["no values", /dimensions/, [start, words(1, 1, 0, 0), Buffer.from("a")]],
    [
      "a tensor twice",
      /"a" is in the file twice/,
      [
        start,
        ...[1, 2].flatMap(() => [
          words(1, 1, 0, 1),
          Buffer.from("a"),
          words(0),
        ]),
      ],
    ],
  ];
  for (const [what, cause, parts] of hostile) {
    it(`refuses ${what}`, () => {
      refused(file(path("hostile.bin"), Buffer.concat(parts)), cause);
    });
  }
});
