import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FakeHub } from "../support/fakeHub";
import { publish } from "../support/officialRepository";
import { Editor } from "./editor";

const name = "rwkv7-g1d-0.1b-20260129-ctx8192";

describe("Models…", function () {
  this.timeout(240_000);
  let hub: FakeHub;
  let editor: Editor | undefined;

  before(async () => {
    hub = await FakeHub.start();
    publish(hub, [`${name}.pth`]);
    editor = await Editor.open({
      files: { "a.ts": "const a = 1;\n" },
      settings: {
        "rwkv.timeBudget": 3000,
        "rwkv.downloadEndpoint": hub.address,
      },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor?.screenshot("failed-models");
    await editor?.keepLogs("models");
  });

  after(async () => {
    await editor?.close();
    await hub.stop();
  });

  it("shows its list without asking anybody, then downloads a model that the workspace can use", async () => {
    assert.ok(editor);
    const { page } = editor;
    await editor.openFile("a.ts");
    await editor.statusBecomes(/ready/, 60_000);
    await editor.command("RWKV: Models…");
    const list = page.locator(".quick-input-widget", {
      hasText: "RWKV models",
    });
    await list.getByText("bundled, in use here").waitFor();
    await list.getByText("382 MB to download").first().waitFor();
    await editor.screenshot("models");
    assert.deepEqual(hub.asked, []);

    await page.keyboard.type("G1 0.1B");
    await page.keyboard.press("Enter");
    await page
      .locator(".quick-input-widget", { hasText: "Official checkpoints" })
      .getByText("2026-01-29, the newest")
      .waitFor();
    await page.keyboard.press("Enter");
    // No folder is set yet: the extension offers its own.
    await page.getByRole("button", { name: "Use This Folder" }).click();
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const imported = await editor.notification("is imported", 60_000);
    assert.equal(hub.contentRequests.length, 2);
    const models = join(
      editor.folder,
      "user/User/globalStorage/rwkv-code.rwkv-code/models",
    );
    assert.deepEqual(readdirSync(models), [name]);
    assert.ok(existsSync(join(models, name, "manifest.json")));
    await imported.getByText("Use in This Workspace").click();
    await editor.statusBecomes(new RegExp(name), 60_000);
  });
});
