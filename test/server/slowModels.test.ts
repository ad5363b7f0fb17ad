import assert from "node:assert/strict";
import { RequestEvents } from "../../src/server/requestEvents";
import { warnOfSlowModels } from "../../src/server/slowModels";

describe("a model that is too slow", () => {
  it("is warned of once, as soon as that is known", () => {
    const events = new RequestEvents();
    const said: string[] = [];
    let known: string | undefined;
    const models = [{ warning: () => known }, { warning: () => "b" }, {}];
    warnOfSlowModels(
      events,
      () => models,
      (message) => said.push(message),
    );
    const answer = () => events.publish({ kind: "accepted", id: 1 });
    assert.deepEqual(said, []);
    answer();
    assert.deepEqual(said, ["b"]);
    known = "a";
    answer();
    answer();
    assert.deepEqual(said, ["b", "a"]);
  });
});
