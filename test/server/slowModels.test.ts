import assert from "node:assert/strict";
import { RequestEvents } from "../../src/server/requestEvents";
import { warnOfSlowModels } from "../../src/server/slowModels";

describe("a model that is too slow", () => {
  it("is warned of once, as soon as that is known", () => {
    const events = new RequestEvents();
    const said: string[] = [];
    const known: string[] = [];
    const models = [{ warning: () => known[0] }, { warning: () => "b" }, {}];
    warnOfSlowModels(
      events,
      () => models,
      (message) => said.push(message),
    );
    const answer = () => events.publish({ kind: "accepted", id: 1 });
    assert.deepEqual(said, []);
    answer();
    assert.deepEqual(said, ["b"]);
    known.push("a");
    answer();
    answer();
    assert.deepEqual(said, ["b", "a"]);
  });
});
