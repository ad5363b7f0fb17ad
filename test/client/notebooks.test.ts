import assert from "node:assert/strict";
import type { Supervisor } from "../../src/client/supervisor";
import type * as notebooks from "../../src/client/notebooks";
import { FakeEditor, FakeEvent } from "./support/fakeVscode";

const code = (name: string) => ({ kind: 2, document: { uri: name } });
const markup = (name: string) => ({ kind: 1, document: { uri: name } });
const notebook = (uri: string, ...cells: object[]) => ({
  uri,
  getCells: () => cells,
});

/** An engine that notes what it is told. */
class FakeClient {
  readonly told: string[] = [];

  showNotebook(uri: unknown, cells: readonly unknown[]): Promise<void> {
    this.told.push(`${String(uri)}: ${cells.join(" ")}`);
    return Promise.reject(new Error("gone"));
  }
}

describe("notebooks of the editor", () => {
  let editor: FakeEditor;
  let client: FakeClient | undefined;
  let status: FakeEvent;
  let told: notebooks.Notebooks;

  beforeEach(() => {
    editor = new FakeEditor();
    editor.notebookDocuments = [notebook("n", code("a"), markup("b"))];
    client = new FakeClient();
    status = new FakeEvent();
    const { Notebooks } = editor.load<typeof notebooks>("notebooks");
    told = new Notebooks({
      get client() {
        return client;
      },
      onDidChangeStatus: status.event,
    } as unknown as Supervisor);
  });
  afterEach(() => told.dispose());

  it("are told with their cells of code, once to each engine", () => {
    status.fire(undefined);
    assert.deepEqual(client!.told, ["n: a"]);
    client = new FakeClient();
    status.fire(undefined);
    assert.deepEqual(client.told, ["n: a"]);
  });

  it("are told when one is opened, gets other cells, or is closed", () => {
    editor.notebookOpened.fire(notebook("m", code("c"), code("d")));
    const changed = notebook("m", code("d"));
    editor.notebookChanged.fire({ notebook: changed, contentChanges: [{}] });
    editor.notebookChanged.fire({ notebook: changed, contentChanges: [] });
    editor.notebookClosed.fire(changed);
    assert.deepEqual(client!.told.slice(1), ["m: c d", "m: d", "m: "]);
  });

  it("wait for an engine", () => {
    client = undefined;
    editor.notebookOpened.fire(notebook("m", code("c")));
    status.fire(undefined);
    client = new FakeClient();
    status.fire(undefined);
    assert.deepEqual(client.told, ["n: a"]);
  });
});
