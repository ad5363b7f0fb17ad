import { equal } from "node:assert/strict";
import { architectureOf } from "../../../src/models/formats/architecture";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { refused } from "./refusal";
import { temporaryFolder } from "./temporaryFolder";
import { MemoryWeights, type Tensor } from "./writers/memoryWeights";
import { randomModel, smallSize } from "./writers/randomModel";

describe("architecture", () => {
  const path = temporaryFolder();
  const written = (tensors: Map<string, Tensor>) => {
    writeSafetensors(path("m.safetensors"), new MemoryWeights(tensors));
    return path("m.safetensors");
  };
  const found = (tensors: Map<string, Tensor>) => {
    const opened = openCheckpoint(written(tensors));
    try {
      return architectureOf(opened);
    } finally {
      opened.close();
    }
  };
  const vector = (): Tensor => ({
    dims: [1, 1, 64],
    values: new Float32Array(64),
  });

  it("sees a tied head and an embedding that is normalised already", () => {
    const tensors = randomModel("7");
    tensors.delete("head.weight");
    tensors.delete("blocks.0.ln0.weight");
    tensors.delete("blocks.0.ln0.bias");
    const { tiedHead, preNormalised } = found(tensors);
    equal(tiedHead, true);
    equal(preNormalised, true);
  });

  it("takes the unused value mixing of RWKV-7's first layer as it is, or not at all", () => {
    const tensors = randomModel("7");
    tensors.set("blocks.0.att.v0", { dims: [1], values: Float32Array.of(0) });
    equal(found(tensors).generation, "7");
  });

  it("takes RWKV-5's bonus under either name", () => {
    const tensors = randomModel("5.1");
    for (const layer of [0, 1]) {
      const bonus = tensors.get(`blocks.${layer}.att.time_first`)!;
      tensors.delete(`blocks.${layer}.att.time_first`);
      tensors.set(`blocks.${layer}.att.time_faaaa`, bonus);
    }
    equal(found(tensors).generation, "5.1");
    tensors.set("blocks.1.att.time_first", vector());
    refused(written(tensors), /2 bonus tensors in layer 1/);
  });

  it("takes ranks that differ from layer to layer", () => {
    const tensors = randomModel("7");
    const other = randomModel("7", { ...smallSize, rank: 8 });
    for (const name of ["blocks.1.att.w1", "blocks.1.att.w2"])
      tensors.set(name, other.get(name)!);
    equal(found(tensors).layers, 2);
    tensors.set("blocks.0.att.w1", other.get("blocks.0.att.w1")!);
    refused(written(tensors), /\[32,64\] for blocks\.0\.att\.w2/);
  });

  it("refuses RWKV-7b, whose cache grows", () => {
    const tensors = randomModel("7a");
    tensors.set("blocks.0.qkv.qq.weight", vector());
    refused(written(tensors), /RWKV-7b.*memory is not constant/);
  });

  const broken: [string, RegExp, (tensors: Map<string, Tensor>) => void][] = [
    [
      "a missing tensor",
      /no tensor blocks\.1\.att\.g2/,
      (t) => t.delete("blocks.1.att.g2"),
    ],
    [
      "half of a norm",
      /no tensor blocks\.0\.ln0\.bias/,
      (t) => t.delete("blocks.0.ln0.bias"),
    ],
    [
      "a missing layer",
      /no tensor blocks\.2\.ln1/,
      (t) => t.set("blocks.3.ln1.bias", vector()),
    ],
    [
      "a vector of another width",
      /\[1,1,64\] for blocks\.1\.ffn\.key\.weight/,
      (t) => t.set("blocks.1.ffn.key.weight", vector()),
    ],
    [
      "a tensor that no generation has",
      /"blocks\.1\.att\.rosa", which RWKV-7 does not/,
      (t) => t.set("blocks.1.att.rosa", vector()),
    ],
    [
      "a tuned state",
      /time_state/,
      (t) => t.set("blocks.0.att.time_state", vector()),
    ],
    [
      "something else",
      /neither att\.r_k nor att\.time_decay/,
      (t) => t.delete("blocks.0.att.r_k"),
    ],
    ["no embedding", /no tensor emb\.weight/, (t) => t.delete("emb.weight")],
    [
      "heads that do not make the width",
      /2 heads of 16/,
      (t) =>
        t.set("blocks.0.att.r_k", {
          dims: [2, 16],
          values: new Float32Array(32),
        }),
    ],
  ];
  for (const [what, cause, change] of broken) {
    it(`refuses ${what}`, () => {
      const tensors = randomModel("7");
      change(tensors);
      refused(written(tensors), cause);
    });
  }
});
