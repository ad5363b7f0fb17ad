import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { violations } from "./accessibility";
import { Editor } from "./editor";

const files = {
  "ledger.ts":
    "export function reconcileQuarterlyLedgers(books: string[]) {\n  return books.length;\n}\n",
  "report.ts":
    'import * as ledger from "./ledger";\n\nconst opened = ledger.reconcileQuarterlyLedgers(["a", "b"]);\nconsole.log(opened);\n',
  "loop.ts": "const items = ['a', 'b'];\nlet total = 0;\n",
};

const settings = {
  // A busy machine must not make these tests blind.
  "rwkv.timeBudget": 3000,
  "rwkv.suggestions": "often",
};

describe("the product around suggestions", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({ files, settings });
    await editor.openFile("loop.ts");
    await editor.statusBecomes(/ready/, 60_000);
  });

  after(async () => {
    await editor?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot(`failed-product`);
    await editor.keepLogs("product");
  });

  /** The page in front. */
  const webview = () =>
    editor.page
      .frameLocator("iframe.webview")
      .frameLocator("iframe#active-frame");

  /** The open page with a heading. */
  async function pageOf(heading: string): Promise<Frame> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      for (const frame of editor.page.frames()) {
        const headings = frame.locator("h1", { hasText: heading });
        // A page that is drawn anew goes away meanwhile.
        if ((await headings.count().catch(() => 0)) > 0) return frame;
      }
      assert.ok(Date.now() < deadline, `no page "${heading}"`);
      await editor.page.waitForTimeout(100);
    }
  }

  /** Waits for a line of the log. */
  async function logHas(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!pattern.test(await editor.log())) {
      assert.ok(Date.now() < deadline, `no log line matches ${pattern.source}`);
      await editor.page.waitForTimeout(100);
    }
  }

  it("Esc hides ghost text and tells the engine which it was", async () => {
    await editor.type("for (let i = 0; i < items.length; i");
    await editor.ghost();
    await editor.screenshot("walkthrough-type");
    await editor.page.keyboard.press("Escape");
    await editor.noGhost();
    await logHas(/#\d+ was dismissed/);
  });

  it("Tab accepts, and the statistics page shows it", async () => {
    await editor.type("\nfor (const item of it");
    const ghost = await editor.ghost();
    await editor.page.keyboard.press("Tab");
    await editor.noGhost();
    await logHas(/#\d+ was accepted/);
    await editor.screenshot("walkthrough-accept");
    await editor.command("RWKV: Statistics");
    const page = webview();
    await page.getByRole("heading", { name: "RWKV statistics" }).waitFor();
    const row = page.getByRole("row", { name: /^Characters accepted/ });
    assert.match(
      await row.innerText(),
      new RegExp(`Characters accepted\\s+${ghost.length}`),
    );
    await editor.screenshot("statistics");
    // Another figure in the charts, by keyboard alone.
    const day = (figure: string) =>
      page.getByRole("img", { name: `By day: ${figure}`, exact: true });
    await day("Keys saved").waitFor();
    const choice = page.getByLabel("Figure in the charts below:");
    await choice.focus();
    await editor.page.keyboard.press("ArrowUp");
    await day("Characters accepted").waitFor();
    await day("Keys saved").waitFor({ state: "hidden" });
    await day("Characters accepted").scrollIntoViewIfNeeded();
    await editor.screenshot("statistics-charts");
    // The page's own button, by keyboard alone.
    const clear = page.getByRole("button", { name: "Clear…" });
    await clear.focus();
    await editor.page.keyboard.press("Enter");
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await editor.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.locator("button:focus", { hasText: "Clear…" }).waitFor();
    await editor.page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("Nothing was suggested yet.").waitFor();
    // The focus is in the page still, at its beginning.
    await page.locator("h1:focus").waitFor();
    await editor.page.keyboard.press("Tab");
    await page
      .locator("button:focus", { hasText: "Export as JSON…" })
      .waitFor();
  });

  it("says in the status menu why there is no suggestion, and offers the next step", async () => {
    await editor.openFile("loop.ts");
    await editor.page.keyboard.press("Backspace");
    await logHas(/: deletion/);
    await editor.command("RWKV: Status and Next Steps…");
    const widget = editor.page.locator(".quick-input-widget");
    const row = widget.locator(".monaco-list-row", {
      hasText: "Why no suggestion?",
    });
    await row.waitFor();
    assert.match(await row.innerText(), /No suggestion: text was deleted/);
    // The menu fades in.
    await editor.page.waitForTimeout(500);
    await editor.screenshot("status-menu");
    await editor.page.keyboard.press("Escape");
  });

  it("explains a suggestion: each token's source, and the line that it was copied from", async () => {
    await editor.openFile("report.ts");
    await editor.type("const closed = ledger.reconc");
    const ghost = await editor.ghost();
    await editor.command("RWKV: Explain Suggestion");
    const page = webview();
    await page
      .getByRole("heading", { name: "Where this suggestion comes from" })
      .waitFor();
    await editor.page.waitForTimeout(500);
    await editor.screenshot("explain");
    const rest = "ileQuarterlyLedgers";
    assert.ok(ghost.startsWith(rest), ghost);
    assert.ok((await page.locator("pre").innerText()).startsWith(rest));
    const rows = page.getByRole("row", { name: /this file/ });
    assert.match(await rows.first().innerText(), /report\.ts:3/);
    // By keyboard alone, to the line that it was copied from.
    await rows.first().getByRole("button").focus();
    await editor.page.keyboard.press("Enter");
    await editor.page
      .locator(".statusbar-item", { hasText: "Ln 3," })
      .waitFor();
  });

  it("has the page of statistics beside it", async () => {
    await editor.command("RWKV: Statistics");
    const page = await pageOf("RWKV statistics");
    await page.waitForSelector("text=By language");
    // Drawn anew, with the figure that was chosen before.
    assert.equal(await page.locator("select").inputValue(), "characters");
  });

  for (const [theme, kind] of [
    ["Dark High Contrast", "hc-black"],
    ["Light High Contrast", "hc-light"],
    ["Dark Modern", "vs-dark"],
    ["Light Modern", "vs"],
  ] as const)
    it(`tells sources apart without colour, and breaks no rule of accessibility, in ${theme}`, async () => {
      await editor.theme(theme);
      await editor.page.locator(`.monaco-workbench.${kind}`).first().waitFor();
      const explanation = await pageOf("Where this suggestion comes from");
      const styles = await explanation
        .locator(".legend span")
        .evaluateAll((spans: unknown[]) =>
          spans.map((span) => {
            const style = (
              globalThis as unknown as {
                getComputedStyle(element: unknown): Record<string, string>;
              }
            ).getComputedStyle(span);
            return style["textDecorationStyle"];
          }),
        );
      assert.equal(new Set(styles).size, 5, styles.join());
      const statistics = await pageOf("RWKV statistics");
      await editor.page.waitForTimeout(300);
      await editor.screenshot(`pages-${kind}`);
      for (const page of [explanation, statistics])
        assert.deepEqual(await violations(page), []);
    });

  it("is filmed while one types and accepts", async () => {
    await editor.openFile("report.ts");
    // An unfinished name that another test has left there would be one that stands in the file.
    await editor.command("File: Revert File");
    await editor.page.keyboard.press("Control+End");
    await editor.film(600);
    // No more letters: what is typed past for long goes away, right or not.
    for (const character of "const later = ledger.rec") {
      await editor.page.keyboard.type(character);
      await editor.film(70);
    }
    assert.match(await editor.ghost(), /^oncileQuarterlyLedgers/);
    await editor.film(1500);
    await editor.page.keyboard.press("Tab");
    await editor.linesBecome((lines) =>
      lines.join().includes("later = ledger.reconcileQuarterlyLedgers"),
    );
    await editor.film(1500);
  });

  it("opens its walkthrough, with a file to try", async () => {
    await editor.command("RWKV: Open Walkthrough");
    await editor.page
      .locator(".getting-started-step", { hasText: "Accept what is right" })
      .first()
      .waitFor();
    await editor.screenshot("walkthrough");
    // By its button: while the page is drawn it takes the focus from a list of commands.
    await editor.page
      .locator(".monaco-button", { hasText: "Open a File to Try" })
      .click();
    await editor.page.locator(".tab.active", { hasText: "Untitled" }).waitFor();
    await editor.ghost(60_000);
    await editor.screenshot("walkthrough-try");
  });
});
