import assert from "node:assert/strict";
import { BackOff } from "../../src/remote/backOff";

describe("waiting after failures", () => {
  it("doubles up to a minute, and ends with a success", () => {
    let now = 0;
    const backOff = new BackOff(() => now);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      backOff.failed();
      const from = now;
      while (backOff.isWaiting) now += 500;
      waits.push((now - from) / 1000);
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    backOff.failed();
    backOff.succeeded();
    assert.ok(!backOff.isWaiting && !backOff.hasFailed);
  });
});
