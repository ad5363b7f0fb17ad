import assert from "node:assert/strict";
import type * as members from "../../src/client/members";
import { FakeEditor, textEditor } from "./support/fakeVscode";

const method = 1;

describe("members in the editor", () => {
  let editor: FakeEditor;
  let items: object[];
  let known: members.Members;

  beforeEach(() => {
    editor = new FakeEditor();
    items = [];
    editor.onCommand = () => ({ items });
    const { document } = textEditor("/a.ts");
    const lines = ["", "", "list.fla"];
    const read = {
      lineCount: lines.length,
      lineAt: (line: number) => ({ text: lines[line] }),
    };
    editor.textDocuments = [Object.assign(document, read)];
    known = new (editor.load<typeof members>("members").Members)();
  });

  const ask = (before = "list.", uri = "file:///a.ts", line = 2) =>
    known.at({
      textDocument: { uri },
      position: { line, character: before.length },
      before,
    });

  it("are what its providers offer there", async () => {
    items = [{ label: "flat", kind: method }, { label: "flatMap" }];
    assert.deepEqual(await ask(), ["flat", "flatMap"]);
    const [[command, uri, position]] = editor.commands as [
      [string, { toString(): string }, object],
    ];
    assert.equal(command, "vscode.executeCompletionItemProvider");
    assert.equal(uri.toString(), "file:///a.ts");
    assert.deepEqual({ ...position }, { line: 2, character: 5 });
  });

  it("are names, however a service writes them, and each is one", async () => {
    items = [
      { label: "push(…)", kind: method },
      { label: { label: "pop", detail: "()" }, kind: method },
      { label: " •size", filterText: "size", kind: method },
      { label: "flat", filterText: "?.flat", kind: method },
      { label: "push", kind: method },
      { label: "größe", kind: method },
      { label: "नमस्ते", kind: method },
      { label: "[0]", kind: method },
    ];
    assert.deepEqual(await ask(), [
      "push",
      "pop",
      "size",
      "flat",
      "größe",
      "नमस्ते",
    ]);
  });

  it("are no words of the text, keywords, templates or files", async () => {
    items = [0, 13, 14, 15, 16, 18].map((kind) => ({ label: "other", kind }));
    assert.deepEqual(await ask(), []);
  });

  it("are not asked for in a workspace without trust, nor of another text", async () => {
    items = [{ label: "flat", kind: method }];
    editor.isTrusted = false;
    assert.deepEqual(await ask(), []);
    editor.isTrusted = true;
    assert.deepEqual(await ask("tree."), []);
    assert.deepEqual(await ask("list.flatter"), []);
    assert.deepEqual(await ask("list.", "file:///b.ts"), []);
    assert.deepEqual(await ask("list.", "file:///a.ts", 3), []);
    assert.deepEqual(editor.commands, []);
    assert.deepEqual(await ask(), ["flat"]);
  });

  it("are asked for again where a provider never answers", async () => {
    const { Members } = editor.load<typeof members>("members");
    known = new Members(0);
    editor.onCommand = () => new Promise(() => undefined);
    void ask();
    editor.onCommand = () => ({ items: [{ label: "flat" }] });
    assert.deepEqual(await ask(), ["flat"]);
  });

  it("are asked for one at a time, also after a failure", async () => {
    let fail: (error: Error) => void = () => undefined;
    editor.onCommand = () => new Promise((_, reject) => (fail = reject));
    const first = ask();
    assert.deepEqual(await ask(), []);
    assert.equal(editor.commands.length, 1);
    fail(new Error("a provider failed"));
    assert.deepEqual(await first, []);
    editor.onCommand = () => undefined;
    assert.deepEqual(await ask(), []);
    assert.equal(editor.commands.length, 2);
  });

  it("are bounded", async () => {
    items = Array.from({ length: 900 }, (_, i) => ({ label: `name${i}` }));
    assert.equal((await ask()).length, 500);
  });
});
