import assert from "node:assert/strict";
import { Rate } from "../../src/download/rate";

describe("the speed of a download", () => {
  let now: number;
  let rate: Rate;

  beforeEach(() => {
    now = 0;
    rate = new Rate(100e6, () => now);
  });

  it("is not told before it is known", () => {
    assert.equal(rate.get(), undefined);
    rate.update(50e6);
    now = 500;
    rate.update(51e6);
    assert.equal(rate.get(), undefined);
  });

  it("leaves out what was here before", () => {
    rate.update(50e6);
    for (now = 10; now <= 2000; now += 10) rate.update(50e6 + now * 1000);
    now = 2000;
    assert.deepEqual(rate.get(), { bytesPerSecond: 1e6, secondsLeft: 48 });
  });

  it("is that of the last ten seconds", () => {
    for (; now <= 100_000; now += 100) rate.update(now);
    for (let bytes = now; now <= 115_000; now += 100)
      rate.update((bytes += 10_000));
    now -= 100;
    const { bytesPerSecond } = rate.get()!;
    assert.ok(Math.abs(bytesPerSecond - 100_000) < 3000, `${bytesPerSecond}`);
  });

  it("falls while nothing comes", () => {
    rate.update(0);
    now = 1000;
    rate.update(10e6);
    assert.equal(rate.get()!.bytesPerSecond, 10e6);
    now = 10_000;
    assert.equal(rate.get()!.bytesPerSecond, 1e6);
  });

  it("starts again with the download", () => {
    rate.update(0);
    now = 5000;
    rate.update(50e6);
    rate.update(0);
    assert.equal(rate.get(), undefined);
  });
});
