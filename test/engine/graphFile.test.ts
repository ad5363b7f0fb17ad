import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  buildGraph,
  generations,
  shapeOf,
  type GraphOptions,
} from "../../src/engine/build";
import { isOurGraph, type GraphFile } from "../../src/engine/graphFile";
import type { Quantisation } from "../../src/engine/quantise";
import type { Manifest } from "../../src/models/package/manifest";
import { bundledModel } from "../../src/models/package/bundled";
import { MemoryWeights } from "../models/formats/writers/memoryWeights";
import { randomModel, smallSize } from "../models/formats/writers/randomModel";

const quantisations: Quantisation[] = ["int8", "int4", "none"];

function build(
  generation: (typeof generations)[number],
  options: GraphOptions,
  size = smallSize,
  change: (tensors: ReturnType<typeof randomModel>) => void = () => undefined,
): { graph: Uint8Array; about: GraphFile } {
  const tensors = randomModel(generation, size);
  change(tensors);
  const weights = new MemoryWeights(tensors);
  let weightBytes = 0;
  const graph = buildGraph(generation, weights, {
    ...options,
    weightsFile: "weights.bin",
    write: ({ length }) => (weightBytes += length),
  });
  const shape = shapeOf(generation, weights);
  const { quantisation } = options;
  const weightsFile = "weights.bin";
  return {
    graph,
    about: { generation, shape, quantisation, weightsFile, weightBytes },
  };
}

describe("a graph from a file", () => {
  for (const generation of generations)
    for (const quantisation of quantisations) {
      it(`is known as our own: RWKV-${generation}, ${quantisation}`, () => {
        for (const width of [smallSize.width, 2 * smallSize.width]) {
          const size = { ...smallSize, width };
          const { graph, about } = build(generation, { quantisation }, size);
          assert.equal(isOurGraph(graph, about), true);
        }
      });
    }

  it("is known as our own without a head or a first norm of its own", () => {
    for (const quantisation of quantisations) {
      const { graph, about } = build(
        "5.2",
        { quantisation },
        smallSize,
        (tensors) => {
          tensors.delete("head.weight");
          for (const which of ["weight", "bias"])
            tensors.delete(`blocks.0.ln0.${which}`);
        },
      );
      assert.equal(isOurGraph(graph, about), true);
    }
  });

  it("is known as our own with any ε of the norms", () => {
    const quantisation = "int8";
    const epsilon = fc.double({ min: 1e-9, max: 1e-2, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...generations),
        fc.record(
          {
            headNormEpsilon: epsilon,
            normEpsilon: epsilon,
            outNormEpsilon: epsilon,
          },
          { requiredKeys: [] },
        ),
        (generation, epsilons) => {
          const options = { quantisation, ...epsilons } as const;
          const { graph, about } = build(generation, options);
          assert.equal(isOurGraph(graph, about), true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("is known as our own: the bundled model's", () => {
    const folder = bundledModel();
    const manifest = JSON.parse(
      readFileSync(join(folder, "manifest.json"), "utf8"),
    ) as Manifest;
    const graph = readFileSync(join(folder, "model.onnx"));
    const about = {
      ...manifest,
      shape: manifest,
      weightsFile: "weights.bin",
      weightBytes: manifest.files["weights.bin"]!.bytes,
    };
    assert.equal(isOurGraph(graph, about), true);
  });

  it("is not our own if its manifest is of another", () => {
    const { graph, about } = build("7", { quantisation: "int8" });
    const others: Partial<GraphFile>[] = [
      { generation: "6" },
      { quantisation: "none" },
      { quantisation: "int4" },
      { weightBytes: about.weightBytes + 64 },
      { weightsFile: "copy.safetensors" },
      { shape: { ...about.shape, vocabulary: about.shape.vocabulary + 1 } },
      { shape: { ...about.shape, width: 2 ** 40 } },
      { shape: { ...about.shape, heads: 1, headSize: about.shape.width } },
    ];
    for (const other of others)
      assert.equal(isOurGraph(graph, { ...about, ...other }), false);
  });

  it("is not our own with any byte changed, but for values of small tensors", () => {
    const { graph, about } = build("7", { quantisation: "int8" });
    let values = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: graph.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const changed = graph.slice();
          changed[at]! ^= change;
          if (!isOurGraph(changed, about)) return;
          values++;
          // Values lie there as they are, so the change is found in the same place again.
          const back = changed.slice();
          back[at]! ^= change;
          assert.deepEqual(back, graph);
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(values < 200, `${values} of 400 changes were not seen`);
  });

  it("is not our own if it is cut short, lengthened or nothing", () => {
    const { graph, about } = build("6", { quantisation: "int4" });
    fc.assert(
      fc.property(fc.nat({ max: graph.length - 1 }), (length) => {
        assert.equal(isOurGraph(graph.slice(0, length), about), false);
      }),
    );
    const longer = Buffer.concat([graph, Buffer.from([0xca, 0x3e, 0])]);
    assert.equal(isOurGraph(longer, about), false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(isOurGraph(bytes, about), false);
      }),
    );
  });
});
