import assert from "node:assert/strict";
import {
  fromFloat16,
  toFloat16,
  toFloat16Bytes,
} from "../../src/engine/float16";

describe("half precision", () => {
  it("reads all 65,536 halves as IEEE 754 says", () => {
    for (let half = 0; half < 65_536; half++) {
      const value = fromFloat16(half);
      const expected = byTheBook(half);
      assert.ok(Object.is(value, expected), `${half}: ${value} ≠ ${expected}`);
    }
  });

  it("writes all of them back", () => {
    for (let half = 0; half < 65_536; half++) {
      const value = fromFloat16(half);
      if (Number.isNaN(value)) assert.equal(toFloat16(value) & 0x7fff, 0x7e00);
      else assert.equal(toFloat16(value), half);
    }
  });

  it("rounds to the nearest, ties to the even one, between any two neighbours", () => {
    for (let half = 0; half < 0x7bff; half++) {
      const [low, high] = [fromFloat16(half), fromFloat16(half + 1)];
      const middle = (low + high) / 2; // exact: both have 11 bits
      const even = half % 2 === 0 ? half : half + 1;
      for (const sign of [1, -1]) {
        const bits = sign < 0 ? 0x8000 : 0;
        assert.equal(toFloat16(sign * middle), bits | even);
        const step = (high - low) / 1024; // exact in single precision
        assert.equal(toFloat16(sign * (middle - step)), bits | half);
        assert.equal(toFloat16(sign * (middle + step)), bits | (half + 1));
      }
    }
  });

  it("goes to infinity from 65,520 on", () => {
    assert.equal(toFloat16(65_519.996), 0x7bff);
    assert.equal(toFloat16(65_520), 0x7c00);
    assert.equal(toFloat16(-1e30), 0xfc00);
    assert.equal(toFloat16(-Infinity), 0xfc00);
  });

  it("writes arrays in little-endian order", () => {
    const bytes = toFloat16Bytes(Float32Array.of(1, -2, 0));
    assert.deepEqual([...bytes], [0x00, 0x3c, 0x00, 0xc0, 0x00, 0x00]);
  });
});

/** The definition: sign, five bits of exponent, ten of mantissa. */
function byTheBook(half: number): number {
  const text = half.toString(2).padStart(16, "0");
  const sign = text[0] === "1" ? -1 : 1;
  const exponent = parseInt(text.slice(1, 6), 2);
  const mantissa = parseInt(text.slice(6), 2);
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return (sign * mantissa) / 2 ** 24;
  return sign * (1 + mantissa / 2 ** 10) * 2 ** (exponent - 15);
}
