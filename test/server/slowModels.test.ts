import assert from "node:assert/strict";
import { message, type Message } from "../../src/messages";
import { RequestEvents } from "../../src/server/requestEvents";
import { warnOfSlowModels } from "../../src/server/slowModels";
import { Status } from "../../src/server/status";
import type { StatusParams } from "../../src/protocol";

describe("a model that is too slow", () => {
  it("is warned of once, as soon as that is known", () => {
    const events = new RequestEvents();
    const said: [string, Message][] = [];
    const known: Message[] = [];
    const b = message("model slow", "b", "20.1");
    const models = [
      ["a", { warning: () => known[0] }],
      ["b", { warning: () => b }],
      ["c", {}],
    ] as const;
    warnOfSlowModels(
      events,
      () => models,
      (...warning) => said.push(warning),
    );
    const answer = () => events.publish({ kind: "accepted", id: 1 });
    assert.deepEqual(said, []);
    answer();
    assert.deepEqual(said, [["b", b]]);
    const a = message("model slow", "a", "33.0");
    known.push(a);
    answer();
    answer();
    assert.deepEqual(said, [
      ["b", b],
      ["a", a],
    ]);
  });

  it("is told with the status for as long as it is in use", () => {
    const sent: StatusParams[] = [];
    const status = new Status((params) => sent.push(params));
    const warning = message("model slow", "a model", "33.0");
    status.modelSlow("a", warning);
    status.modelReady("a", "a model");
    assert.equal(sent.at(-1)?.warning, undefined);
    status.modelSlow("a", warning);
    assert.deepEqual(sent.at(-1)?.warning, warning);
    const done = status.thinking("a");
    assert.deepEqual(sent.at(-1)?.warning, warning);
    done();
    status.modelReady("b", "another");
    assert.equal(sent.at(-1)?.warning, undefined);
  });
});
