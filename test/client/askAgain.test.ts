import assert from "node:assert/strict";
import type * as askAgainModule from "../../src/client/askAgain";
import type { OfferedSuggestion } from "../../src/client/suggestions";
import type { RequestEvent } from "../../src/protocol";
import { FakeEditor, FakeEvent, FakePosition } from "./support/fakeVscode";

describe("a suggestion on screen that has become longer", () => {
  const cursor = new FakePosition(3, 7);
  const trigger = ["editor.action.inlineSuggest.trigger"];
  let editor: FakeEditor;
  let offered: FakeEvent<OfferedSuggestion>;
  let requested: FakeEvent<RequestEvent>;
  let document: { version: number };
  let selection: { active: FakePosition; isEmpty: boolean };
  let askAgain: askAgainModule.AskAgain;

  beforeEach(() => {
    editor = new FakeEditor();
    document = { version: 5 };
    selection = { active: cursor, isEmpty: true };
    editor.activeTextEditor = { document, selection } as never;
    offered = new FakeEvent();
    requested = new FakeEvent();
    const { AskAgain } = editor.load<typeof askAgainModule>("askAgain");
    askAgain = new AskAgain({
      onDidOffer: offered.event,
      onDidRequest: requested.event,
    });
    offer(1);
  });

  const offer = (id: number) =>
    offered.fire({ document, cursor, event: { id } } as never);
  const tell = (kind: "accepted" | "dismissed" | "lengthened", id = 1) =>
    requested.fire({ kind, id });
  const isAsking = (position = cursor) =>
    askAgain.isAsking(document as never, position as never);

  it("is asked for again, and that request is known as no user's", async () => {
    const asking: boolean[] = [];
    editor.onCommand = () => {
      asking.push(isAsking(), isAsking(new FakePosition(3, 8)));
    };
    assert.equal(isAsking(), false);
    tell("lengthened");
    assert.deepEqual(editor.commands, [trigger]);
    assert.deepEqual(asking, [true, false]);
    await new Promise(setImmediate);
    // What the user asks for now is the user's.
    assert.equal(isAsking(), false);
  });

  it("is asked for again while it is, and both are known", async () => {
    const done: (() => void)[] = [];
    editor.onCommand = () => new Promise<void>((resolve) => done.push(resolve));
    tell("lengthened");
    tell("lengthened");
    for (const each of [true, false]) {
      done.shift()?.();
      await new Promise(setImmediate);
      assert.equal(isAsking(), each);
    }
  });

  it("counts as the user's where the text has changed meanwhile", () => {
    tell("lengthened");
    assert.equal(isAsking(), true);
    document.version++;
    assert.equal(isAsking(), false);
  });

  for (const [what, change] of Object.entries<() => void>({
    "another cursor": () => (selection.active = new FakePosition(3, 8)),
    "a selection": () => (selection.isEmpty = false),
    "another text": () => document.version++,
    "another editor": () => (editor.activeTextEditor = undefined),
    "a later suggestion": () => offer(2),
    "one that was accepted": () => tell("accepted"),
    "one that was put away": () => tell("dismissed"),
    "one that the user has just hidden": () => askAgain.forget(),
    "an extension that has ended": () => askAgain.dispose(),
  }))
    it(`is left alone with ${what}`, () => {
      change();
      tell("lengthened");
      assert.deepEqual(editor.commands, []);
    });

  it("survives an editor that refuses", async () => {
    editor.onCommand = () => Promise.reject(new Error("no editor"));
    tell("lengthened");
    await new Promise(setImmediate);
    assert.equal(isAsking(), false);
  });
});
