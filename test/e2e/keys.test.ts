import assert from "node:assert/strict";
import { Editor } from "./editor";
import { packNeighbour } from "./neighbour";

const ledger =
  "function reconcileQuarterlyLedgers(books: string[]) {\n  return books.length;\n}\n\n" +
  'const first = reconcileQuarterlyLedgers(["a", "b"]);\n';

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { language_info: { name: "python" } },
  cells: [
    "def reconcile_quarterly_ledgers(books):\n    return len(books)",
    "opened = 1",
  ].map((source, i) => ({
    cell_type: "code",
    id: `cell${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  })),
};

const names = ["list.ts", "snippet.ts", "cursors.ts", "changed.ts", "fixed.ts"];
const files = {
  ...Object.fromEntries([...names, "vim.js"].map((name) => [name, ledger])),
  "book.ipynb": JSON.stringify(notebook),
};

const settings = {
  // A busy machine must not make these tests blind.
  "rwkv.timeBudget": 3000,
  "rwkv.suggestions": "often",
  "files.readonlyInclude": { "fixed.ts": true },
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "[typescript]": {
    "editor.quickSuggestions": { other: "on", comments: "off", strings: "off" },
  },
};

/** What the name that is typed halfway goes on with. */
const rest = "ileQuarterlyLedgers";

describe("the editor's own keys", function () {
  this.timeout(240_000);
  let editor: Editor;
  let removeNeighbour: (() => Promise<void>) | undefined;

  before(async () => {
    const { vsix, remove } = await packNeighbour();
    removeNeighbour = remove;
    editor = await Editor.open({ files, settings, extensions: [vsix] });
    await editor.openFile("list.ts");
    await editor.statusBecomes(/ready/, 60_000);
  });

  after(async () => {
    await editor?.close();
    await removeNeighbour?.();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const name = `keys-${this.currentTest.title.replace(/\W+/g, "-")}`;
    await editor.screenshot(`failed-${name}`);
    await editor.keepLogs(name);
  });

  const list = () => editor.page.locator(".suggest-widget.visible");
  const press = (key: string) => editor.page.keyboard.press(key);
  const lineWith = async (text: string) =>
    editor.linesBecome((lines) => lines.some((line) => line.includes(text)));
  /** Waits for a line of the log. */
  async function logHas(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!pattern.test(await editor.log())) {
      assert.ok(Date.now() < deadline, `no log line matches ${pattern.source}`);
      await editor.page.waitForTimeout(100);
    }
  }
  /** Opens a file whose editor is not one of text alone. */
  async function openTab(name: string): Promise<void> {
    await press("Control+p");
    await editor.choose(name, name);
    await editor.page
      .locator(`.tab.active[data-resource-name="${name}"]`)
      .waitFor();
  }
  /** Whether the palette has *Generate*. */
  async function offersGenerate(): Promise<boolean> {
    await press("F1");
    const palette = editor.page.locator(".quick-input-widget");
    await palette.locator("input").first().fill(">RWKV: Generate");
    const rows = palette.locator(".monaco-list-row");
    await rows.first().waitFor();
    await wait();
    const found = await rows.filter({ hasText: "RWKV: Generate" }).count();
    await press("Escape");
    return found > 0;
  }
  /** Long enough for a suggestion to come, had one been asked for. */
  const wait = () => editor.page.waitForTimeout(1500);
  /** How often the log has had something. */
  const times = async (pattern: RegExp) =>
    (await editor.log()).match(new RegExp(pattern, "g"))?.length ?? 0;
  const accepted = /#\d+ was accepted/;
  const dismissed = /#\d+ was dismissed/;
  const asked = /inline completion/;

  /** The typed line as it stands in the document. */
  /** The line that begins like that, once it is on the screen: a page that is drawn anew has none. */
  const typedLine = async (beginning: string) => {
    const isIt = (line: string) => line.startsWith(beginning);
    return (await editor.linesBecome((lines) => lines.some(isIt))).find(isIt);
  };

  /** Waits for the list; the language service may not have been ready when the name was typed. */
  const listOpens = async (): Promise<void> => {
    const isOpen = () =>
      list()
        .waitFor({ timeout: 4000 })
        .then(
          () => true,
          () => false,
        );
    for (let tries = 0; tries < 5 && !(await isOpen()); tries++)
      await press("Control+Space");
    await list().waitFor();
  };

  it("leave Tab to the list of names while it is open", async () => {
    await editor.openFile("list.ts");
    await editor.type("const second = reconc");
    await listOpens();
    const item = list().locator(".monaco-list-row.focused .label-name").first();
    const label = await item.innerText();
    await wait();
    await editor.screenshot("keys-list");
    await press("Tab");
    await list().waitFor({ state: "detached" });
    await lineWith(`const second = ${label}`);
    // It was the list's text: ours counts no acceptance.
    await wait();
    assert.equal(await times(accepted), 0);
  });

  it("leave the first Esc to the list, and the second to ghost text", async () => {
    await editor.openFile("list.ts");
    await press("Enter");
    await editor.type("const third = reconc");
    await listOpens();
    await press("Escape");
    await list().waitFor({ state: "detached" });
    assert.equal(await times(dismissed), 0);
    assert.ok((await editor.ghost()).startsWith(rest));
    await editor.screenshot("keys-list-closed");
    await press("Escape");
    await editor.noGhost();
    await logHas(dismissed);
    assert.equal(await typedLine("const third"), "const third = reconc");
  });

  it("lead to a snippet's next stop by Tab", async () => {
    await editor.openFile("snippet.ts");
    await press("Control+Alt+s");
    await lineWith("const opened = books;");
    await press("Tab");
    await editor.type("reconc");
    await wait();
    await press("Escape");
    await list().waitFor({ state: "detached" });
    await press("Tab");
    await editor.type("0;");
    await lineWith("0;");
    const lines = await editor.lines();
    assert.deepEqual(lines.slice(-2), ["const opened = reconc;", "0;"]);
  });

  it("insert nothing wrong at several cursors", async () => {
    await editor.openFile("cursors.ts");
    await editor.type("let a;\nlet b;");
    await editor.command("Add Cursor Above");
    await press("End");
    await press("Backspace");
    await editor.type(" = reconc");
    await listOpens();
    await press("Escape");
    await list().waitFor({ state: "detached" });
    await editor.ghost();
    await editor.screenshot("keys-cursors");
    await press("Tab");
    await editor.noGhost();
    const [a, b] = (await editor.lines()).slice(-2);
    assert.ok(a?.startsWith(`let a = reconc${rest}`), a);
    assert.equal(b, a?.replace("let a", "let b"));
  });

  it("have ghost text in a notebook's second cell, from its first", async () => {
    await openTab("book.ipynb");
    const cell = editor.page.locator(".cell .monaco-editor").nth(1);
    await cell.click();
    await press("Control+End");
    await editor.type("\nclosed = reconc");
    const ghost = await editor.ghost();
    await editor.screenshot("keys-notebook");
    assert.ok(ghost.startsWith("ile_quarterly_ledgers"), ghost);
    await press("Tab");
    await cell
      .locator(".view-line", { hasText: "reconcile_quarterly_ledgers" })
      .waitFor();
  });

  it("have ghost text on the right side of a diff", async () => {
    await editor.openFile("changed.ts");
    await editor.type("const changed = 1;\n");
    await editor.command("File: Compare Active File with Saved");
    const right = editor.page.locator(".editor.modified .monaco-editor");
    await right.first().waitFor();
    await right.first().click();
    await press("Control+End");
    await editor.type("const second = reconc");
    await listOpens();
    await press("Escape");
    const ghost = await editor.ghost();
    await editor.screenshot("keys-diff");
    assert.ok(ghost.startsWith(rest), ghost);
    await press("Tab");
    await right
      .locator(".view-line", { hasText: `const second = reconc${rest}` })
      .waitFor();
  });

  it("have none in the box for a commit's message", async () => {
    await press("Control+Shift+g");
    const box = editor.page.locator(".scm-editor .monaco-editor").first();
    await box.click();
    const before = await times(asked);
    assert.ok(before > 0);
    await editor.type("reconc");
    await wait();
    assert.match((await box.innerText()).trim(), /^reconc/);
    assert.equal(await times(asked), before);
    assert.ok(!(await editor.hasGhost()));
    await press("Control+Shift+e");
  });

  it("change nothing in a file that is read-only", async () => {
    await editor.openFile("fixed.ts");
    const before = await editor.lines();
    await editor.type("reconc");
    await press("Escape");
    await press("Tab");
    await editor.command("RWKV: Trigger Suggestion");
    await wait();
    assert.ok(!(await editor.hasGhost()));
    assert.deepEqual(await editor.notifications(), []);
    assert.equal(await offersGenerate(), false);
    assert.deepEqual(await editor.lines(), before);
    await editor.openFile("list.ts");
    assert.equal(await offersGenerate(), true);
  });

  it("ask for nothing while suggestions are snoozed, but by hand", async () => {
    await editor.openFile("list.ts");
    await press("Enter");
    await editor.command("Snooze Inline Suggestions");
    const minutes = editor.page.locator(".quick-input-list .monaco-list-row");
    await minutes.first().waitFor();
    await editor.screenshot("keys-snooze");
    await press("Enter");
    await minutes.first().waitFor({ state: "hidden" });
    const before = await times(asked);
    await editor.type("const fourth = reconc");
    await listOpens();
    await press("Escape");
    await wait();
    assert.equal(await times(asked), before);
    assert.ok(!(await editor.hasGhost()));
    await editor.command("RWKV: Trigger Suggestion");
    assert.ok((await editor.ghost()).startsWith(rest));
    await editor.command("Cancel Snooze Inline Suggestions");
  });

  it("leave Esc to a vim extension, by its context keys", async () => {
    await editor.openFile("vim.js");
    await editor.command("Neighbour: Vim");
    const mode = (name: string) =>
      editor.page.locator(".statusbar-item", { hasText: `-- ${name} --` });
    await mode("Insert").waitFor();
    await press("Control+End");
    await editor.type("const second = reconc");
    await editor.ghost();
    const before = await times(dismissed);
    await press("Escape");
    await mode("Normal").waitFor();
    await editor.noGhost();
    await wait();
    assert.equal(await times(dismissed), before);
    assert.equal(await typedLine("const second"), "const second = reconc");
  });
});
