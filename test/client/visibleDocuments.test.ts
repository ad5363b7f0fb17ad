import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Supervisor } from "../../src/client/supervisor";
import type { DocumentPlace } from "../../src/client/engineClient";
import type * as visibleDocuments from "../../src/client/visibleDocuments";
import { FakeEditor, FakeEvent, textEditor } from "./support/fakeVscode";

/** An engine that notes what it is told: paths and lines. */
class FakeClient {
  readonly told: string[] = [];
  fails = false;

  showVisible(documents: readonly DocumentPlace[]): Promise<void> {
    this.told.push(
      documents
        .map(
          ({ document, position }) => `${document.uri.path}:${position.line}`,
        )
        .join(" "),
    );
    return this.fails ? Promise.reject(new Error("gone")) : Promise.resolve();
  }
}

describe("what is in sight", () => {
  let editor: FakeEditor;
  let client: FakeClient | undefined;
  let off: Set<string>;
  let status: FakeEvent;
  let available: FakeEvent;
  let visible: visibleDocuments.VisibleDocuments;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    editor = new FakeEditor();
    client = new FakeClient();
    off = new Set();
    status = new FakeEvent();
    available = new FakeEvent();
    const { VisibleDocuments } =
      editor.load<typeof visibleDocuments>("visibleDocuments");
    visible = new VisibleDocuments(
      {
        get client() {
          return client;
        },
        onDidChangeStatus: status.event,
      } as unknown as Supervisor,
      {
        of: ({ uri }) => ({ on: !off.has(uri.path), reason: "" }),
        onDidChange: available.event,
      },
    );
    const left = textEditor("/left.ts", 3);
    const right = textEditor("/right.ts", 7);
    editor.visibleTextEditors = [left, right];
    editor.activeTextEditor = right;
  });
  afterEach(() => {
    visible.dispose();
    mock.timers.reset();
  });

  /** Something changes, and then nothing for as long as it takes. */
  function change(event = editor.changed): void {
    event.fire();
    mock.timers.tick(100);
  }

  it("is told with the active editor first", () => {
    change();
    assert.deepEqual(client?.told, ["/right.ts:7 /left.ts:3"]);
  });

  it("is told to an engine that gets ready, and to none before", () => {
    const engine = client;
    client = undefined;
    change(status);
    client = engine;
    change(status);
    assert.deepEqual(engine?.told, ["/right.ts:7 /left.ts:3"]);
    // Every suggestion changes the status, too.
    editor.activeTextEditor = editor.visibleTextEditors[0];
    change(status);
    assert.equal(engine?.told.length, 1);
  });

  it("is told anew to the next engine", () => {
    change();
    client = new FakeClient();
    change(status);
    assert.deepEqual(client.told, ["/right.ts:7 /left.ts:3"]);
  });

  it("is told once the cursor rests", () => {
    const cursor = editor.activeTextEditor?.selection.active;
    assert.ok(cursor);
    for (let line = 8; line < 30; line++) {
      cursor.line = line;
      editor.changed.fire();
      mock.timers.tick(99);
    }
    assert.deepEqual(client?.told, []);
    mock.timers.tick(1);
    assert.deepEqual(client?.told, ["/right.ts:29 /left.ts:3"]);
  });

  it("is not told again while it is the same", () => {
    change();
    change();
    change(available);
    assert.equal(client?.told.length, 1);
  });

  it("leaves out documents where suggestions are off, as soon as that is known", () => {
    off.add("/left.ts");
    change();
    off.add("/right.ts");
    change(available);
    assert.deepEqual(client?.told, ["/right.ts:7", ""]);
  });

  it("does not fail with an engine that ends", async () => {
    assert.ok(client);
    client.fails = true;
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    change();
    // A rejection that nobody handles comes to light by then.
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    assert.equal(client.told.length, 1);
    assert.deepEqual(unhandled, []);
  });

  it("is told no more after the end", () => {
    editor.changed.fire();
    visible.dispose();
    mock.timers.tick(100);
    change();
    assert.deepEqual(client?.told, []);
  });
});
