import assert from "node:assert/strict";
import { Editor } from "./editor";

describe("an untrusted folder", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      workspaceTrust: true,
      files: {
        ".vscode/settings.json": JSON.stringify({
          "rwkv.modelsPath": "/nowhere/of/the/folder",
          "rwkv.model": "folders-own",
          "rwkv.maxLines": 3,
        }),
        "loop.ts": "const items = ['a', 'b'];\n",
      },
      settings: {
        "security.workspace.trust.startupPrompt": "never",
        "rwkv.timeBudget": 3000,
      },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-untrusted");
    await editor.keepLogs("untrusted");
  });

  after(async () => {
    await editor?.close();
  });

  it("gets suggestions in restricted mode", async () => {
    await editor.openFile("loop.ts");
    await editor.statusBecomes(/ready/, 60_000);
    assert.ok(
      await editor.page
        .locator(".statusbar-item", { hasText: "Restricted Mode" })
        .isVisible(),
    );
    await editor.type("for (let i = 0; i < items.length; i");
    await editor.ghost();
    await editor.screenshot("untrusted");
  });

  it("does not let the folder choose a place on disk", async () => {
    const log = await editor.log();
    assert.doesNotMatch(log, /nowhere\/of\/the\/folder|folders-own/);
  });
});
