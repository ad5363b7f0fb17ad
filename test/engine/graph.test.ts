import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphBuilder } from "../../src/engine/graph";
import { Session } from "../../src/engine/onnx";

describe("graph builder", () => {
  it("builds a graph that the runtime loads and computes", async () => {
    const { graph, run } = builder();
    const x = graph.input("x", "float32", ["rows", 2]);
    const weight = graph.floats("w", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    const product = graph.node("MatMul", [x, weight]);
    const y = graph.node("Add", [product, graph.scalar(0.5)]);
    graph.output("y", y, "float32", ["rows", 3]);
    const outputs = await run({ x: { data: [1, 0, 1, 1], dims: [2, 2] } });
    assert.deepEqual([...outputs.y!], [1.5, 2.5, 3.5, 5.5, 7.5, 9.5]);
  });

  it("writes attributes of every type", async () => {
    const { graph, run } = builder();
    const x = graph.input("x", "float32", [2, 3]);
    const normed = graph.node(
      "LayerNormalization",
      [x, graph.floats("one", [3], Float32Array.of(1, 1, 1))],
      { axis: -1, epsilon: { float: 0 } },
    );
    const turned = graph.node("Transpose", [normed], { perm: [1, 0] });
    const gelu = graph.node("Gelu", [turned], { approximate: "tanh" });
    graph.output("turned", turned, "float32", [3, 2]);
    graph.output("gelu", gelu, "float32", [3, 2]);
    const { turned: result, gelu: activated } = await run({
      x: { data: [1, 2, 3, 6, 4, 2], dims: [2, 3] },
    });
    const top = Math.sqrt(1.5);
    [-top, top, 0, 0, top, -top].forEach((value, i) => {
      assert.ok(Math.abs(result![i]! - value) < 1e-6);
      const cubic = 0.7978845608 * (value + 0.044715 * value ** 3);
      const expected = 0.5 * value * (1 + Math.tanh(cubic));
      assert.ok(Math.abs(activated![i]! - expected) < 1e-5);
    });
  });

  it("takes a body that sees the values around it", async () => {
    const { graph, run } = builder();
    const x = graph.input("x", "float32", ["T", 2]);
    const factor = graph.scalar(10);
    const start = graph.floats("start", [2], Float32Array.of(0, 1));
    const body = graph.body(
      [
        ["float32", [2]],
        ["float32", [2]],
      ],
      (sum, row) => {
        const next = graph.node("Add", [graph.node("Mul", [sum, factor]), row]);
        return [
          [next, "float32"],
          [graph.node("Identity", [next]), "float32"],
        ];
      },
    );
    const [last, all] = graph.nodeWithOutputs(2, "Scan", [start, x], {
      body,
      num_scan_inputs: 1,
    });
    graph.output("last", last!, "float32", [2]);
    graph.output("all", all!, "float32", ["T", 2]);
    const outputs = await run({ x: { data: [1, 2, 3, 4], dims: [2, 2] } });
    assert.deepEqual([...outputs.last!], [13, 124]);
    assert.deepEqual([...outputs.all!], [1, 12, 13, 124]);
  });

  it("keeps small constants in the graph and aligns large ones in the weights file", () => {
    const { graph, weights } = builder();
    graph.floats("small", [64], new Float32Array(64));
    assert.equal(weights().length, 0);
    graph.weight("odd", "uint8", [257], new Uint8Array(257).fill(1));
    graph.weight("next", "uint8", [300], new Uint8Array(300).fill(2));
    const bytes = weights();
    assert.equal(bytes.length, 320 + 300);
    assert.deepEqual([...bytes.subarray(256, 258)], [1, 0]);
    assert.deepEqual([...bytes.subarray(319, 321)], [0, 2]);
    const text = Buffer.from(graph.finish()).toString("latin1");
    assert.ok(text.includes("weights.bin"));
    assert.ok(text.includes("320"));
  });

  it("shares equal constants", () => {
    const { graph } = builder();
    assert.equal(graph.scalar(2), graph.scalar(2));
    assert.notEqual(graph.scalar(2), graph.scalar(3));
    assert.equal(graph.ints(1, 2), graph.ints(1, 2));
    assert.notEqual(graph.ints(1), graph.index(1));
    assert.notEqual(graph.scalar(1), graph.ints(1));
  });

  it("refuses a weight whose bytes do not fit its shape", () => {
    const { graph } = builder();
    assert.throws(
      () => graph.floats("short", [2, 2], new Float32Array(3)),
      /short has 12 bytes; its shape \[2,2\] wants 16/,
    );
  });
});

function builder() {
  const parts: Uint8Array[] = [];
  const graph = new GraphBuilder("weights.bin", (bytes) => {
    parts.push(bytes.slice());
  });
  const weights = () => Buffer.concat(parts);
  return { graph, weights, run };

  async function run(
    inputs: Record<string, { data: number[]; dims: number[] }>,
  ) {
    const folder = mkdtempSync(join(tmpdir(), "rwkv-graph-"));
    try {
      const path = join(folder, "model.onnx");
      writeFileSync(path, graph.finish());
      writeFileSync(join(folder, "weights.bin"), weights());
      const session = await Session.load(path, 1);
      try {
        return await session.run(
          Object.fromEntries(
            Object.entries(inputs).map(([name, { data, dims }]) => [
              name,
              { data: Float32Array.from(data), dims },
            ]),
          ),
        );
      } finally {
        await session.dispose();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
