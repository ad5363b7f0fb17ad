import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Editor } from "./editor";

/** A byte-level RWKV-7 of rwkv.cpp's test suite, beside the checkout and not part of it. */
const checkpoint = join(
  __dirname,
  "../../../shared/fixtures/rwkv.cpp/tiny-rwkv-7v0-834K-FP32.bin",
);

describe("Import Model", function () {
  this.timeout(240_000);
  let editor: Editor | undefined;

  before(async function () {
    if (!existsSync(checkpoint)) this.skip();
    editor = await Editor.open({
      files: { "a.ts": "const a = 1;\n" },
      settings: { "rwkv.timeBudget": 3000 },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor?.screenshot("failed-import");
    await editor?.keepLogs("import");
  });

  after(async () => {
    await editor?.close();
  });

  it("turns a checkpoint into a model that the workspace can use", async () => {
    assert.ok(editor);
    const { page } = editor;
    await editor.openFile("a.ts");
    await editor.statusBecomes(/ready/, 60_000);
    await editor.command("RWKV: Import Model…");
    // The web's file dialog is a quick pick that takes a path and lists the path's folder.
    const dialog = page.locator(".quick-input-widget", {
      hasText: "Choose an RWKV checkpoint",
    });
    // It begins by listing the workspace, and would put that over what is typed before.
    await dialog.locator(".monaco-list-row").first().waitFor();
    await dialog.locator("input").first().fill(checkpoint);
    await dialog
      .locator(".monaco-list-row", { hasText: "expected-logits" })
      .first()
      .waitFor();
    await dialog.locator(".monaco-button", { hasText: "Import" }).click();
    await page
      .locator(".quick-input-widget", { hasText: "Quantisation" })
      .waitFor();
    await editor.choose("int8", "int8");
    // No folder is set yet: the extension offers its own.
    await page.getByRole("button", { name: "Use This Folder" }).click();
    const imported = await editor.notification("is imported", 60_000);
    await editor.screenshot("imported");
    assert.match(await imported.innerText(), /tiny-rwkv-7v0-834K-FP32/);
    const models = join(
      editor.folder,
      "user/User/globalStorage/rwkv-code.rwkv-code/models",
    );
    assert.ok(
      existsSync(join(models, "tiny-rwkv-7v0-834K-FP32", "manifest.json")),
    );

    await imported.getByText("Use in This Workspace").click();
    await editor.statusBecomes(/834K/, 60_000);
  });
});
