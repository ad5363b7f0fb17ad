import assert from "node:assert/strict";
import type { TextEditor } from "vscode";
import type * as streamingEdit from "../../src/client/streamingEdit";
import { FakeEditor, FakePosition } from "./support/fakeVscode";

interface Insertion {
  at: string;
  text: string;
  undo: { undoStopBefore: boolean; undoStopAfter: boolean };
  /** Lets the edit happen, or fail. */
  done: (ok: boolean) => void;
}

const named = ({ line, character }: FakePosition) => `${line}:${character}`;
/** Promises that are due have had their turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("streaming edit", () => {
  let vscode: FakeEditor;
  let insertions: Insertion[];
  let interruptions: number;
  let document: object;
  let stream: streamingEdit.StreamingEdit;
  let revealed: string[];
  let cursor: FakePosition;

  beforeEach(() => {
    vscode = new FakeEditor();
    insertions = [];
    interruptions = 0;
    revealed = [];
    document = {};
    cursor = new FakePosition(2, 4);
    const { StreamingEdit } =
      vscode.load<typeof streamingEdit>("streamingEdit");
    const editor = {
      document,
      get selection() {
        return { active: cursor };
      },
      revealRange: ({ start }: { start: FakePosition }) =>
        revealed.push(named(start)),
      edit: (
        build: (edit: {
          insert: (at: FakePosition, text: string) => void;
        }) => void,
        undo: Insertion["undo"],
      ) =>
        new Promise<boolean>((done) =>
          build({
            insert: (at, text) =>
              insertions.push({ at: named(at), text, undo, done }),
          }),
        ),
    };
    stream = new StreamingEdit(
      editor as unknown as TextEditor,
      cursor as never,
      () => interruptions++,
    );
  });
  afterEach(() => stream.dispose());

  /** The document has changed: by the insertion in flight, or by somebody else. */
  function changed(line: number, character: number, text: string, length = 0) {
    const start = new FakePosition(line, character);
    vscode.documentChanged.fire({
      document,
      contentChanges: [{ range: { start }, rangeLength: length, text }],
    });
  }

  it("inserts pieces one after another, those that wait together", async () => {
    stream.push("ab");
    stream.push("c\n");
    stream.push("d");
    assert.equal(insertions.length, 1);
    insertions[0]!.done(true);
    await settled();
    insertions[1]!.done(true);
    await settled();
    stream.push("e");
    assert.deepEqual(
      insertions.map(({ at, text }) => [at, text]),
      [
        ["2:4", "ab"],
        ["2:6", "c\nd"],
        ["3:1", "e"],
      ],
    );
  });

  it("is one undo step, which the end closes", async () => {
    stream.push("a");
    insertions[0]!.done(true);
    await settled();
    stream.push("b");
    insertions[1]!.done(true);
    const end = stream.finish();
    await settled();
    insertions[2]!.done(true);
    await end;
    assert.deepEqual(
      insertions.map(({ text, undo }) => [
        text,
        undo.undoStopBefore,
        undo.undoStopAfter,
      ]),
      [
        ["a", true, false],
        ["b", false, false],
        ["", false, true],
      ],
    );
    // Whoever finishes twice closes nothing twice.
    await stream.finish();
    stream.push("late");
    assert.equal(insertions.length, 3);
  });

  it("leaves no undo step where nothing was written", async () => {
    stream.push("");
    await stream.finish();
    assert.deepEqual(insertions, []);
  });

  it("keeps the end in view while the cursor is there", async () => {
    stream.push("ab");
    cursor = new FakePosition(2, 6);
    insertions[0]!.done(true);
    await settled();
    stream.push("c");
    insertions[1]!.done(true);
    await settled();
    assert.deepEqual(revealed, ["2:6"]);
  });

  it("knows its own changes, also with the document's line breaks", async () => {
    stream.push("a\nb");
    changed(2, 4, "a\r\nb");
    insertions[0]!.done(true);
    await settled();
    assert.equal(interruptions, 0);
  });

  for (const [what, change] of [
    ["another text", () => changed(2, 4, "else")],
    ["another place", () => changed(2, 5, "ab")],
    ["text that is replaced", () => changed(2, 4, "ab", 1)],
  ] as const)
    it(`ends at a change that is not its own: ${what}`, async () => {
      stream.push("ab");
      stream.push("c");
      change();
      change();
      assert.equal(interruptions, 1);
      insertions[0]!.done(true);
      await settled();
      stream.push("d");
      await stream.finish();
      assert.equal(insertions.length, 1);
    });

  it("minds no change of another document, nor one without contents", () => {
    stream.push("ab");
    const start = new FakePosition(0, 0);
    vscode.documentChanged.fire({
      document: {},
      contentChanges: [{ range: { start }, rangeLength: 0, text: "x" }],
    });
    vscode.documentChanged.fire({ document, contentChanges: [] });
    assert.equal(interruptions, 0);
  });

  it("ends where the editor refuses the edit", async () => {
    stream.push("ab");
    stream.push("c");
    insertions[0]!.done(false);
    await settled();
    assert.equal(interruptions, 1);
    assert.equal(insertions.length, 1);
  });
});
