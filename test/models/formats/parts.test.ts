import { equal, ok } from "node:assert/strict";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { architectureOf } from "../../../src/models/formats/architecture";
import { openCheckpoint } from "../../../src/models/formats/open";
import { readAll, refused } from "./refusal";
import { sameValues } from "./sameValues";
import { file, temporaryFolder } from "./temporaryFolder";
import { asHuggingFace } from "./writers/huggingFace";
import { writeParts } from "./writers/parts";
import { randomModel } from "./writers/randomModel";

describe("checkpoints in parts", () => {
  const path = temporaryFolder();
  const tensors = randomModel("7");
  const huggingFace = asHuggingFace(tensors).tensors;

  for (const [kind, container] of [
    ["safetensors", "safetensors"],
    ["bin", "pth"],
  ] as const) {
    const write = () => {
      rmSync(path(kind), { recursive: true, force: true });
      return writeParts(path(kind), huggingFace, kind, 3);
    };

    it(`reads three parts of ${kind} from the index or any of them`, () => {
      const { index, parts } = write();
      for (const source of [index, ...parts]) {
        const opened = openCheckpoint(source);
        equal(opened.path, source);
        equal(opened.container, container);
        equal(architectureOf(opened).layers, 2);
        sameValues(tensors, opened, 0);
        opened.close();
      }
    });

    it(`reads parts of ${kind} without their index`, () => {
      const { index, parts } = write();
      rmSync(index);
      const opened = openCheckpoint(parts[1]!);
      sameValues(tensors, opened, 0);
      opened.close();
    });

    it(`names the part of ${kind} that is missing`, () => {
      const { index, parts } = write();
      rmSync(parts[2]!);
      for (const source of [index, parts[0]!]) {
        refused(
          source,
          new RegExp(
            `has 3 parts, and ${basename(parts[2]!)} is missing; put all parts into one folder`,
          ),
        );
      }
    });

    it(`takes a file that is the only part of ${kind}`, () => {
      rmSync(path(kind), { recursive: true, force: true });
      const { parts } = writeParts(path(kind), huggingFace, kind, 1);
      const opened = openCheckpoint(parts[0]!);
      sameValues(tensors, opened, 0);
      opened.close();
    });
  }

  const index = (change: (map: Record<string, string>) => unknown) => {
    const written = writeParts(path("x"), huggingFace, "safetensors", 2);
    const json = JSON.parse(readFileSync(written.index, "utf8")) as {
      weight_map: Record<string, string>;
    };
    const changed = change(json.weight_map);
    writeFileSync(
      written.index,
      JSON.stringify({ ...json, weight_map: changed }),
    );
    return written.index;
  };
  const first = "model-00001-of-00002.safetensors";
  const second = "model-00002-of-00002.safetensors";

  it("refuses an index that does not belong to its parts", () => {
    refused(
      index((map) => ({ ...map, "model.other.weight": first })),
      /"model\.other\.weight" is not in "model-00001.*download all files/,
    );
    refused(
      index((map) => ({ ...map, "model.embeddings.weight": second })),
      /"model\.embeddings\.weight" is not in "model-00002/,
    );
  });

  it("never reaches outside the folder", () => {
    const outside = path(first);
    writeFileSync(outside, readFileSync(join(path("x"), first)));
    for (const name of [`../${first}`, outside, "..", "a\\b", "C:x", ""]) {
      refused(
        index((map) => ({ ...map, "lm_head.weight": name })),
        /is no name of a part/,
      );
    }
  });

  it("refuses parts that hold a tensor twice", () => {
    const { parts } = writeParts(path("t"), huggingFace, "safetensors", 2);
    writeFileSync(parts[1]!, readFileSync(parts[0]!));
    refused(parts[0]!, /is in this part and in "model-00001/, (source) => {
      // The path of the other part is named.
      try {
        readAll(source);
      } catch (error) {
        (error as Error).message += ` ${source}`;
        throw error;
      }
    });
  });

  it("refuses other JSON, and an index that is damaged", () => {
    for (const [text, cause] of [
      ["{}", /not a model's weights; choose the file of the weights/],
      ['{"model_type": "rwkv7"}', /not a model's weights/],
      ['{"weight_map": 5}', /not a model's weights/],
      ['{"weight_map": {}}', /names no part/],
      ['{"weight_map": {"a": 5}}', /is no name of a part/],
      ['{"weight_map": {"a": "model', /not JSON; download/],
    ] as const)
      refused(file(path("i.json"), Buffer.from(text)), cause);
  });

  it("refuses a claim of ten thousand parts before it looks for them", () => {
    const source = path("model-00001-of-10000.safetensors");
    writeFileSync(source, readFileSync(join(path("x"), first)));
    refused(source, /one of 10000 parts/);
  });

  it("leaves no file open when it refuses", function () {
    const folder = "/proc/self/fd";
    if (!existsSync(folder)) this.skip();
    const source = index((map) => ({ ...map, "model.other.weight": first }));
    const before = readdirSync(folder).length;
    for (let i = 0; i < 20; i++) refused(source, /is not in/);
    const opened = openCheckpoint(join(path("x"), first));
    ok(readdirSync(folder).length > before);
    opened.close();
    equal(readdirSync(folder).length, before);
  });
});
