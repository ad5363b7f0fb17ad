import assert from "node:assert/strict";
import { IntArray } from "../../src/tokenizer/intArray";

describe("an array of integers", () => {
  it("keeps what it has as it grows and as it is cut short", () => {
    const array = new IntArray();
    const values = () => Array.from(array.data.subarray(0, array.length));
    const counted = (count: number) =>
      Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < 1000; i++) array.push(i);
    assert.deepEqual(values(), counted(1000));
    const room = array.data.length;
    array.truncate(100);
    assert.deepEqual(values(), counted(100));
    assert.ok(array.data.length < room, "gives room back");
    for (let i = 100; i < 300; i++) array.push(i);
    array.pop();
    assert.deepEqual(values(), counted(299));
    array.truncate(0);
    array.push(7);
    assert.deepEqual(values(), [7]);
  });
});
