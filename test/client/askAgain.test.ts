import assert from "node:assert/strict";
import type * as askAgainModule from "../../src/client/askAgain";
import type { OfferedSuggestion } from "../../src/client/suggestions";
import type { RequestEvent } from "../../src/protocol";
import { FakeEditor, FakeEvent, FakePosition } from "./support/fakeVscode";

describe("a suggestion on screen that has become longer", () => {
  const cursor = new FakePosition(3, 7);
  const trigger = [
    "editor.action.inlineSuggest.trigger",
    { providerId: "some.extension:*", explicit: false },
  ];
  const [invoked, automatic] = [0, 1];
  let editor: FakeEditor;
  let offered: FakeEvent<OfferedSuggestion>;
  let requested: FakeEvent<RequestEvent>;
  let document: { version: number; languageId: string; uri: object };
  /** Requests that were passed on to the engine. */
  let passedOn: unknown[][];
  let selection: { active: FakePosition; isEmpty: boolean };
  let askAgain: askAgainModule.AskAgain;

  beforeEach(() => {
    editor = new FakeEditor();
    document = { version: 5, languageId: "c", uri: { scheme: "file" } };
    passedOn = [];
    selection = { active: cursor, isEmpty: true };
    editor.activeTextEditor = { document, selection } as never;
    offered = new FakeEvent();
    requested = new FakeEvent();
    const { AskAgain } = editor.load<typeof askAgainModule>("askAgain");
    const inlineCompletions = (...request: unknown[]) => {
      passedOn.push(request);
      return ["longer"];
    };
    askAgain = new AskAgain(
      { client: { inlineCompletions } as never },
      { onDidOffer: offered.event, onDidRequest: requested.event },
      "Some.Extension",
    );
    offer(1);
  });

  const offer = (id: number) =>
    offered.fire({ document, cursor, event: { id } } as never);
  const tell = (kind: "accepted" | "dismissed" | "lengthened", id = 1) =>
    requested.fire({ kind, id });
  const kindOf = (kind: number, position = cursor) =>
    askAgain.kindOf(document as never, position as never, kind);
  /** What the newest provider answers. */
  const provided = (triggerKind = automatic, position = cursor) =>
    editor.inlineProviders
      .at(-1)
      ?.provider.provideInlineCompletionItems(document, position, {
        triggerKind,
      });

  it("is asked for again, of a new provider alone", async () => {
    const answers: unknown[] = [];
    editor.onCommand = () => answers.push(provided());
    assert.equal(editor.inlineProviders.length, 0);
    tell("lengthened");
    assert.deepEqual(editor.commands, [trigger]);
    assert.deepEqual(answers, [["longer"]]);
    assert.deepEqual(passedOn[0]?.slice(0, 2), [document, cursor]);
    const registered = editor.inlineProviders;
    const selector = { language: "c", scheme: "file" };
    assert.deepEqual(
      registered.map((each) => each.selector),
      [selector],
    );
    await new Promise(setImmediate);
    // It suggests nothing by itself.
    assert.equal(provided(), undefined);
    tell("lengthened");
    assert.equal(editor.inlineProviders.length, 1);
    assert.notEqual(editor.inlineProviders[0], registered[0]);
    askAgain.dispose();
    assert.equal(editor.inlineProviders.length, 0);
  });

  it("is asked for again while it is", async () => {
    const done: (() => void)[] = [];
    editor.onCommand = () => new Promise<void>((resolve) => done.push(resolve));
    tell("lengthened");
    tell("lengthened");
    for (const answer of [["longer"], undefined]) {
      done.shift()?.();
      await new Promise(setImmediate);
      assert.deepEqual(provided(), answer);
    }
  });

  it("leaves requests of the user as they are", () => {
    assert.equal(kindOf(invoked), invoked);
    editor.onCommand = () => {
      assert.equal(kindOf(automatic), automatic);
      assert.equal(kindOf(invoked, new FakePosition(3, 8)), invoked);
      document.version++;
      assert.equal(kindOf(invoked), invoked);
    };
    tell("lengthened");
    document.version--;
    tell("lengthened");
    assert.equal(editor.commands.length, 2);
  });

  it("is asked for where the user has typed on just then, as nobody else is", () => {
    const answers: unknown[] = [];
    const next = new FakePosition(3, 8);
    editor.onCommand = () => {
      document.version++;
      answers.push(provided(automatic, next));
    };
    tell("lengthened");
    assert.deepEqual(answers, [["longer"]]);
    assert.deepEqual(passedOn[0]?.slice(0, 2), [document, next]);
  });

  it("leaves other documents to the engine's own provider", () => {
    const answers: unknown[] = [];
    editor.onCommand = () => {
      document = { ...document };
      answers.push(provided());
    };
    tell("lengthened");
    assert.deepEqual(answers, [undefined]);
  });

  it("leaves a wish of the user one where the editor knows the arguments", () => {
    editor.onCommand = () => {
      provided();
      assert.equal(kindOf(invoked), invoked);
    };
    tell("lengthened");
    tell("lengthened");
    assert.equal(editor.commands.length, 2);
  });

  it("is not asked for again in an editor that takes that for the user's wish", async () => {
    const kinds: number[] = [];
    editor.onCommand = () => {
      kinds.push(kindOf(invoked));
      assert.equal(provided(invoked), undefined);
    };
    tell("lengthened");
    await new Promise(setImmediate);
    tell("lengthened");
    assert.deepEqual(kinds, [automatic]);
    assert.equal(kindOf(invoked), invoked);
  });

  it("is not asked for again in an editor that refuses", async () => {
    editor.onCommand = () => Promise.reject(new Error("unknown argument"));
    tell("lengthened");
    await new Promise(setImmediate);
    tell("lengthened");
    assert.deepEqual(editor.commands, [trigger]);
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
});
