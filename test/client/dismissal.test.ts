import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineClient } from "../../src/client/engineClient";
import type * as dismissalModule from "../../src/client/dismissal";
import type { OfferedSuggestion } from "../../src/client/suggestions";
import { FakeEditor, FakeEvent, textEditor } from "./support/fakeVscode";

describe("Esc while ghost text is on screen", () => {
  let editor: FakeEditor;
  let offered: FakeEvent<OfferedSuggestion>;
  let dismissed: number[];
  let command: dismissalModule.Dismissal;

  beforeEach(() => {
    editor = new FakeEditor();
    editor.activeTextEditor = textEditor("/work/a.ts");
    offered = new FakeEvent();
    dismissed = [];
    const client = {
      dismiss: (id: number) => {
        dismissed.push(id);
        return Promise.reject(new Error("the engine ended"));
      },
    } as unknown as EngineClient;
    const { Dismissal } = editor.load<typeof dismissalModule>("dismissal");
    command = new Dismissal({ client }, { onDidOffer: offered.event });
  });

  const offer = (id: number, document: unknown) =>
    offered.fire({ document, event: { id } } as OfferedSuggestion);
  const hidden = () =>
    editor.commands.filter(
      ([name]) => name === "editor.action.inlineSuggest.hide",
    ).length;

  it("hides it and tells the engine which it was, once", async () => {
    offer(1, editor.activeTextEditor?.document);
    offer(2, editor.activeTextEditor?.document);
    await command.run();
    await command.run();
    assert.deepEqual(dismissed, [2]);
    assert.equal(hidden(), 2);
  });

  it("hides another extension's, or one in another file, without a word", async () => {
    await command.run();
    offer(1, textEditor("/work/b.ts").document);
    await command.run();
    assert.deepEqual(dismissed, []);
    assert.equal(hidden(), 2);
  });

  it("leaves the key to whatever else it closes first", () => {
    const path = join(__dirname, "..", "..", "package.json");
    const { contributes } = JSON.parse(readFileSync(path, "utf8")) as {
      contributes: {
        keybindings: { command: string; key: string; when: string }[];
      };
    };
    const binding = contributes.keybindings.find(
      (candidate) => candidate.command === "rwkv.dismiss",
    );
    assert.equal(binding?.key, "escape");
    const terms = binding?.when.split(" && ") ?? [];
    for (const term of [
      "inlineSuggestionVisible",
      "editorTextFocus",
      "!suggestWidgetVisible",
      "!inSnippetMode",
      "!findWidgetVisible",
      "!parameterHintsVisible",
      "!rwkv.generating",
      "!vim.active",
    ])
      assert.ok(terms.includes(term), term);
  });
});
