import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { afterAnswer } from "../../src/server/afterAnswer";

describe("after an answer", () => {
  const told: [unknown, unknown][] = [];
  const tell = (result: unknown, error?: unknown) => {
    told.push([result, error]);
  };
  beforeEach(() => (told.length = 0));
  const settled = async () => {
    for (let turns = 0; turns < 4; turns++) await turn();
  };

  it("tells what was worked out, in a later turn than the one that writes it", async () => {
    let isWritten = false;
    setImmediate(() => (isWritten = true));
    afterAnswer(() => isWritten, tell);
    assert.deepEqual(told, []);
    await settled();
    assert.deepEqual(told, [[true, undefined]]);
  });

  it("tells an error as well", async () => {
    const error = new Error("the rules failed");
    afterAnswer(() => {
      throw error;
    }, tell);
    await settled();
    assert.deepEqual(told, [[undefined, error]]);
  });

  it("bears that nobody can be told any more", async () => {
    afterAnswer(
      () => 1,
      (result) => {
        tell(result);
        throw new Error("the connection is closed");
      },
    );
    await settled();
    assert.deepEqual(told, [[1, undefined]]);
  });
});
