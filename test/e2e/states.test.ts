import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Editor } from "./editor";

/** Some 700 tokens, so that what was read of them is worth keeping on disk. */
const areas = Array.from(
  { length: 24 },
  (_, i) =>
    `export function area${i}(width: number, height: number): number {\n  return width * height + ${i};\n}\n`,
).join("\n");

describe("states", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files: { "areas.ts": areas, ".env": "TOKEN=abc\n" },
      settings: { "rwkv.timeBudget": 3000 },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-states");
    await editor.keepLogs("states");
  });

  after(async () => {
    await editor?.close();
  });

  /** The words of *Show State*, which is closed again. */
  async function shownState(): Promise<string> {
    await editor.command("RWKV: Show State");
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await editor.screenshot("show-state");
    const text = await dialog.innerText();
    await editor.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    return text;
  }

  /** Files of states in the storage of the workspace. */
  function saved(): string[] {
    const storage = join(editor.folder, "user/User/workspaceStorage");
    if (!existsSync(storage)) return [];
    return readdirSync(storage, { encoding: "utf8", recursive: true }).filter(
      (name) => /rwkv-code\.rwkv-code.states.*\.state$/.test(name),
    );
  }

  it("are read ahead of a file in sight, and kept until they are cleared", async () => {
    await editor.openFile("areas.ts");
    await editor.statusBecomes(/ready/, 60_000);
    const deadline = Date.now() + 120_000;
    while (saved().length === 0) {
      assert.ok(Date.now() < deadline, "nothing was saved");
      await editor.page.waitForTimeout(200);
    }
    const text = await shownState();
    assert.match(text, /States: [1-9]\d* exact, 0 approximate/);
    assert.match(text, /Saved on disk: [1-9][\d.]* [KM]iB/);
    assert.match(text, /Nothing was suggested in this file yet/);

    await editor.command("RWKV: Clear Saved States");
    await editor.notification(
      /deleted its saved states of this workspace: [1-9][\d.]* [KM]iB/,
    );
    assert.deepEqual(saved(), []);
  });

  it("tell what the first suggestion cost", async () => {
    await editor.type("export function area24(width: number, hei");
    await editor.ghost();
    const text = await shownState();
    assert.match(text, /RWKV state of areas\.ts/);
    assert.match(text, /Tokens: \d{3}/);
    assert.match(text, /Memory of all files: [\d.]+ [KM]iB of 256 MiB/);
    assert.match(text, /Tokens run for the last suggestion: \d+/);
    assert.match(text, /Hit: a state in memory served\./);
  });

  it("are not kept of a file that holds secrets", async () => {
    await editor.openFile(".env");
    await editor.statusBecomes(/off here/);
    await editor.command("RWKV: Show State");
    await editor.notification(
      "no state of this file: the file matches rwkv.exclude",
    );
  });
});
