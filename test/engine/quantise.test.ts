import assert from "node:assert/strict";
import { GraphBuilder } from "../../src/engine/graph";
import { quantise, quantisedMatMul } from "../../src/engine/quantise";
import { generator } from "./randomCheckpoint";

describe("quantisation", () => {
  for (const [bits, block] of [
    [8, 32],
    [8, 256],
    [4, 32],
  ] as const) {
    const zero = 2 ** (bits - 1);

    it(`${bits} bits, blocks of ${block}: every weight is off by at most half a step, and the largest of a block by none`, () => {
      const random = generator(bits);
      for (let round = 0; round < 200; round++) {
        const spread = 10 ** (6 * random() - 4);
        const weights = Float32Array.from(
          { length: 4 * block },
          () => spread * (2 * random() - 1) ** 3,
        );
        const { packed, scales } = quantise(weights, bits, block);
        const back = dequantised(packed, scales, bits, block);
        for (let b = 0; b < scales.length; b++) {
          const part = weights.subarray(b * block, (b + 1) * block);
          const largest = part.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
          const step = Math.abs(scales[b]!);
          // A block's largest weight fills the range.
          assert.ok(step <= (largest / (zero - 1)) * (1 + 1e-6));
          part.forEach((weight, i) => {
            const error = Math.abs(weight - back[b * block + i]!);
            // Four bits reach from −8 to 7: the far end on the short side is a whole step away.
            const bound = bits === 4 && weight / scales[b]! > 7 ? 1 : 0.5;
            assert.ok(
              error <= bound * step * (1 + 1e-5),
              `${weight} became ${back[b * block + i]} at a step of ${step}`,
            );
            if (Math.abs(weight) === largest)
              assert.ok(error <= largest * 1e-6);
          });
        }
      }
    });

    it(`${bits} bits, blocks of ${block}: keeps zeros and blocks of zeros`, () => {
      const weights = new Float32Array(2 * block);
      weights[3] = -1.5;
      const { packed, scales } = quantise(weights, bits, block);
      const back = dequantised(packed, scales, bits, block);
      assert.deepEqual(
        [...back].map((x) => x + 0),
        [...weights],
      );
    });
  }

  it("packs four-bit numbers in pairs, the first in the lower half", () => {
    const block = 32;
    const weights = new Float32Array(block);
    weights[0] = -8; // the scale is 1
    weights[1] = 7;
    weights[2] = 1;
    const { packed, scales } = quantise(weights, 4, block);
    assert.equal(scales[0], 1);
    assert.equal(packed.length, block / 2);
    assert.equal(packed[0], 0 | (15 << 4));
    assert.equal(packed[1], 9 | (8 << 4));
  });

  it("writes the transpose of a matrix that is not quantised", () => {
    const [rows, columns] = [3, 30];
    const matrix = Float32Array.from({ length: rows * columns }, (_, i) => i);
    for (const quantisation of ["none", "int8"] as const) {
      const written: Uint8Array[] = [];
      const graph = new GraphBuilder("weights.bin", (bytes) =>
        written.push(bytes.slice()),
      );
      const x = graph.input("x", "float32", [1, "T", columns]);
      quantisedMatMul(graph, x, "w", rows, columns, matrix, quantisation);
      const { buffer } = Uint8Array.from(Buffer.concat(written));
      const transposed = Array.from({ length: rows * columns }, (_, i) => {
        const [column, row] = [Math.floor(i / rows), i % rows];
        return row * columns + column;
      });
      assert.deepEqual([...new Float32Array(buffer)], transposed);
    }
  });
});

function dequantised(
  packed: Uint8Array,
  scales: Float32Array,
  bits: 8 | 4,
  block: number,
): Float32Array {
  const values =
    bits === 8
      ? [...packed]
      : [...packed].flatMap((byte) => [byte & 15, byte >> 4]);
  const zero = 2 ** (bits - 1);
  return Float32Array.from(
    values,
    (q, i) => scales[Math.floor(i / block)]! * (q - zero),
  );
}
