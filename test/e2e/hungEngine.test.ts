import assert from "node:assert/strict";
import { Editor } from "./editor";
import { enginesOf, nextEngineOf } from "./engineProcess";

describe("an engine that hangs", function () {
  this.timeout(300_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files: { "add.ts": "" },
      settings: { "rwkv.timeBudget": 3000 },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-hung");
    await editor.keepLogs("hung");
  });

  after(async () => {
    await editor?.close();
  });

  it("is ended after a minute, and the next one completes", async function () {
    // Windows has no way to make a process stand still.
    if (process.platform === "win32") this.skip();
    await editor.openFile("add.ts");
    const engine = await nextEngineOf(editor.folder, undefined);
    await editor.statusBecomes(/ready/, 60_000);
    process.kill(engine, "SIGSTOP");
    const deadline = Date.now() + 150_000;
    while (enginesOf(editor.folder).includes(engine)) {
      assert.ok(Date.now() < deadline, "it was not ended");
      await editor.page.waitForTimeout(500);
    }
    await nextEngineOf(editor.folder, engine);
    await editor.statusBecomes(/ready/, 60_000);
    await editor.type("export function add(a: number, b: number) {\nret");
    assert.match(await editor.ghost(), /^urn/);
    assert.match(
      await editor.log(),
      /has not answered for a minute and was ended; next try in 1 s/,
    );
  });
});
