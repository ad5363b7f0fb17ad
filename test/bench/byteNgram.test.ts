import assert from "node:assert/strict";
import { byteNgramBits } from "../../bench/eval/byteNgram";

describe("byte n-gram", () => {
  it("knows nothing of the first byte", () => {
    assert.equal(byteNgramBits(Uint8Array.of(65)), 8);
  });

  it("interpolates counts with what a shorter context says", () => {
    // Second byte: no context of one byte is known yet; (1 + 1/256) / 2 by the empty one.
    const second = -Math.log2((1 + 1 / 256) / 2);
    assert.ok(
      Math.abs(byteNgramBits(Uint8Array.of(65, 65)) - 8 - second) < 1e-9,
    );
    // Third byte: the empty context has 2 of 2, "A" was followed by "A" once.
    const empty = (2 + 1 / 256) / 3;
    const third = -Math.log2((1 + empty) / 2);
    const bits = byteNgramBits(Uint8Array.of(65, 65, 65));
    assert.ok(Math.abs(bits - 8 - second - third) < 1e-9);
  });

  it("takes few bits for what repeats itself", () => {
    const line = Buffer.from("a line that is always the same\n");
    const once = byteNgramBits(line);
    const often = byteNgramBits(
      Buffer.concat(Array(50).fill(line) as Buffer[]),
    );
    assert.ok(often < 2.5 * once, `${often} bits of 50, ${once} of one`);
  });
});
