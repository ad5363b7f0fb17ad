import assert from "node:assert/strict";
import { Editor } from "./editor";

/** Runs of Latin letters that are no names, keys or units. */
function englishWords(text: string): string[] {
  const names =
    /^(?:RWKV|JSON|rwkv|often|balanced|rare|ms|Ctrl|Esc|Tab|typescript|bundled)$/i;
  return (text.match(/[A-Za-z][A-Za-z.-]+/g) ?? []).filter(
    (word) => !names.test(word) && !/^rwkv[.-]/i.test(word),
  );
}

describe("in a Chinese editor", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files: { "loop.ts": "const items = ['a', 'b'];\nlet total = 0;\n" },
      settings: { "rwkv.timeBudget": 3000, "rwkv.suggestions": "often" },
      language: "zh-cn",
    });
    await editor.openFile("loop.ts");
    await editor.statusBecomes(/已就绪|就绪/, 60_000);
  });

  after(async () => {
    await editor?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await editor.screenshot("failed-chinese");
  });

  /** The page in front. */
  const page = () =>
    editor.page
      .frameLocator("iframe.webview")
      .frameLocator("iframe#active-frame");

  /** Waits until a page is drawn. */
  const drawn = () => editor.page.waitForTimeout(500);

  it("says in Chinese what the status menu offers", async () => {
    await editor.type("for (const item of it");
    await editor.ghost();
    await editor.page.keyboard.press("Tab");
    await editor.noGhost();
    await editor.statusItem.click();
    const widget = editor.page.locator(".quick-input-widget");
    const rows = widget.locator(".monaco-list-row");
    await rows.first().waitFor();
    await drawn();
    await editor.screenshot("zh-status-menu");
    const offered = await rows.allInnerTexts();
    assert.ok(offered.length > 5);
    assert.deepEqual(englishWords(offered.join("\n")), []);
    await editor.page.keyboard.press("Escape");
  });

  it("lists models in Chinese", async () => {
    await editor.command("RWKV: 模型…");
    const list = editor.page.locator(".quick-input-widget");
    await list.getByText("内置，此处正在使用").waitFor();
    await drawn();
    await editor.screenshot("zh-models");
    await editor.page.keyboard.press("Escape");
  });

  it("has pages in Chinese", async () => {
    await editor.command("RWKV: 统计");
    await page().locator("h1").waitFor();
    await drawn();
    await editor.screenshot("zh-statistics");
    const text = await page().locator("main").innerText();
    assert.deepEqual(englishWords(text), []);
  });

  it("explains in Chinese", async () => {
    await editor.openFile("loop.ts");
    await editor.type("\nfor (const item of it");
    await editor.ghost();
    await editor.page.keyboard.press("F1");
    await editor.choose(">RWKV: 解释", "解释");
    await page().locator(".legend").waitFor();
    await drawn();
    await editor.screenshot("zh-explain");
    const legend = await page().locator(".legend").innerText();
    assert.deepEqual(englishWords(legend), []);
  });
});
