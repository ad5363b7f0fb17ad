import assert from "node:assert/strict";
import { RestartPolicy } from "../../src/client/restartPolicy";

describe("restart policy", () => {
  it("waits 1, 3 and 9 seconds, then gives up", () => {
    const policy = new RestartPolicy();
    const verdicts = [0, 2000, 6000, 16_000].map((now) => policy.died(now));
    assert.deepEqual(verdicts, [
      { restart: true, delay: 1000 },
      { restart: true, delay: 3000 },
      { restart: true, delay: 9000 },
      { restart: false },
    ]);
  });

  it("does not add up crashes that lie far apart", () => {
    const policy = new RestartPolicy();
    const hour = 3_600_000;
    for (let day = 0; day < 100; day++) {
      assert.deepEqual(policy.died(day * 24 * hour), {
        restart: true,
        delay: 1000,
      });
    }
  });

  it("counts anew after the user's own restart", () => {
    const policy = new RestartPolicy([1], 1000);
    assert.equal(policy.died(0).restart, true);
    assert.equal(policy.died(10).restart, false);
    policy.reset();
    assert.equal(policy.died(20).restart, true);
  });
});
