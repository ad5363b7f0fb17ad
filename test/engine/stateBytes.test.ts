import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { State } from "../../src/engine/model";
import { OnnxModel } from "../../src/engine/onnxModel";
import { graphFile } from "../../src/models/package/manifest";
import { PackageFiles } from "../../src/models/package/packageFiles";
import {
  officialShapes,
  OfficialWeights,
  type OfficialSize,
} from "../models/formats/writers/officialWeights";

/** Bytes of a layer's state in single precision (arXiv 2503.14456): a matrix a head, two vectors. */
function bytesOfLayer(width: number): number {
  const headSize = 64;
  return 4 * ((width / headSize) * headSize * headSize + 2 * width);
}

describe("the bytes of a state", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rwkv-state-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function load(size: OfficialSize, layers: number): Promise<OnnxModel> {
    const vocabulary = 32;
    const weights = new OfficialWeights(size, { layers, vocabulary });
    const quantisation = "int8";
    new PackageFiles(folder).writeGraph("7", weights, { quantisation });
    return OnnxModel.load(join(folder, graphFile), vocabulary, 1);
  }

  for (const [size, layers] of [
    ["0.1B", 3],
    ["1.5B", 1],
  ] as const)
    it(`are those that the process holds: ${size}`, async () => {
      const model = await load(size, layers);
      const { width } = officialShapes[size];
      const counted = layers * bytesOfLayer(width);
      const states: State[] = [];
      let state = model.emptyState;
      for (let i = 0; i < 20; i++) {
        state = await model.advance([i, 3], state);
        states.push(state);
      }
      for (const { bytes } of [model.emptyState, ...states])
        assert.equal(bytes, counted);
      // Nothing is shared, and no part of a larger buffer, which would stay as long as the part.
      const buffers = new Set(
        states.flatMap(({ tensors }) =>
          Object.values(tensors).map(({ buffer }) => buffer),
        ),
      );
      const held = [...buffers].reduce((sum, each) => sum + each.byteLength, 0);
      assert.equal(held, states.length * counted);
      await model.dispose();
    });
});
