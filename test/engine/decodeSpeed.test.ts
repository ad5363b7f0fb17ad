import assert from "node:assert/strict";
import { DecodeSpeed, preemptions } from "../../src/engine/decodeSpeed";

describe("speed of decoding", () => {
  it("is known at once, and follows the runs", () => {
    const speed = new DecodeSpeed();
    assert.deepEqual([speed.usual, speed.fastest], [0, Infinity]);
    speed.observe(10, 0);
    assert.deepEqual([speed.usual, speed.fastest], [10, 10]);
    for (let n = 0; n < 50; n++) speed.observe(30, 1);
    assert.ok(Math.abs(speed.usual - 30) < 0.1);
  });

  it("is that of the fastest run, once enough were undisturbed", () => {
    const speed = new DecodeSpeed();
    speed.observe(5, 1);
    for (let n = 0; n < 31; n++) {
      speed.observe(n === 7 ? 25 : 40, 0);
      speed.observe(300, 2);
    }
    assert.equal(speed.undisturbed, undefined);
    speed.observe(60, 0);
    assert.equal(speed.undisturbed, 25);
    // Disturbed or not, a run never takes less than it has to.
    assert.equal(speed.fastest, 5);
  });

  it("asks who disturbs until it is known, then at times, and learns of faster runs", () => {
    const speed = new DecodeSpeed();
    const run = (ms: number) => {
      const { isWatched } = speed;
      speed.observe(ms, isWatched ? 0 : undefined);
      return isWatched;
    };
    for (let n = 0; n < 32; n++) assert.ok(run(10), `run ${n}`);
    const later = Array.from({ length: 80 }, () => run(4));
    assert.equal(later.filter(Boolean).length, 10);
    assert.equal(speed.undisturbed, 4);
  });

  it("counts what other threads take from this one", function () {
    if (process.platform === "win32") this.skip();
    const before = preemptions();
    assert.ok(Number.isInteger(before) && before >= 0);
    assert.ok(preemptions() >= before);
  });
});
