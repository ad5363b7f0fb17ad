import assert from "node:assert/strict";
import { Editor } from "./editor";

/** Package of VSCodeVim, which no registry of Node packages has; CONTRIBUTING.md says how to make it. */
const vsix = process.env.VIM_VSIX;

const ledger =
  "function reconcileQuarterlyLedgers(books) {\n  return books.length;\n}\n\n" +
  'const first = reconcileQuarterlyLedgers(["a", "b"]);\n';

describe("beside the extension Vim (VIM_VSIX names its package)", function () {
  this.timeout(240_000);
  let editor: Editor | undefined;

  before(async function () {
    if (vsix === undefined) return this.skip();
    editor = await Editor.open({
      files: { "vim.js": ledger },
      settings: {
        // A busy machine must not make this test blind.
        "rwkv.timeBudget": 3000,
        "rwkv.suggestions": "often",
      },
      extensions: [vsix],
    });
    await editor.openFile("vim.js");
    await editor.statusBecomes(/ready/, 60_000);
  });

  after(async () => {
    await editor?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor?.screenshot("failed-vim");
    await editor?.keepLogs("vim");
  });

  const mode = (name: string) =>
    editor!.page
      .locator(".statusbar-item", { hasText: `-- ${name} --` })
      .waitFor();

  it("shows ghost text in insert mode, takes it with Tab, and leaves Esc to Vim", async () => {
    const { page } = editor!;
    await mode("NORMAL");
    await editor!.type("Go");
    await mode("INSERT");
    await editor!.type("const second = reconc");
    assert.match(await editor!.ghost(), /^ileQuarterlyLedgers/);
    await editor!.screenshot("vim-insert");
    await page.keyboard.press("Tab");
    await editor!.linesBecome((lines) =>
      lines.some((line) =>
        line.startsWith("const second = reconcileQuarterlyLedgers"),
      ),
    );
    await page.keyboard.press("Escape");
    await mode("NORMAL");
    await editor!.type("oconst third = reconc");
    await editor!.ghost();
    // One Esc hides the ghost text and ends insert mode.
    await page.keyboard.press("Escape");
    await mode("NORMAL");
    await editor!.noGhost();
    // What Vim repeats is what was typed.
    await editor!.type("o");
    await page.keyboard.press("Escape");
    const lines = await editor!.lines();
    assert.equal(lines.at(-2), "const third = reconc");
  });
});
