import assert from "node:assert/strict";
import { Editor } from "./editor";
import { enginesOf, nextEngineOf } from "./engineProcess";

/** Lines that any model should be able to go on with; the last part is typed, the rest lies there. */
const languages = {
  "loop.ts": {
    text: "const items = ['a', 'b'];\nlet total = 0;\n",
    typed: [
      "for (let i = 0; i < items.length; i",
      "const first = items",
      "for (const item of it",
    ],
  },
  "read.py": {
    text: "import os\n\n\ndef read(path):\n    with open(path) as file:\n        return file.read()\n\n\n",
    typed: ["for index, item in enum", "def main", "if __name__ == "],
  },
  "main.go": {
    text: 'package main\n\nimport "os"\n\nfunc main() {\n\tdata, err := os.ReadFile("a")\n',
    typed: ["\tif err != ", "\tif err ", "\tprintln("],
  },
};

const files = {
  ...Object.fromEntries(
    Object.entries(languages).map(([name, { text }]) => [name, text]),
  ),
  "undo.py": languages["read.py"].text,
  "words.ts":
    "export function add(left: number, right: number): number {\n  return left + right;\n}\n\n",
  "generate.ts":
    "// Adds two numbers.\nfunction add(left: number, right: number) {\n",
  "selection.ts":
    "const unused = 1;\nfunction multiply(left: number, right: number) {",
  ".env": "TOKEN=abc\n",
};

const settings = {
  // Long enough to be interrupted, short enough to end.
  "rwkv.generate.maxTokens": 400,
  // A busy machine must not make these tests blind.
  "rwkv.timeBudget": 3000,
};

describe("a real editor", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({ files, settings });
    await editor.openFile("words.ts");
    await editor.statusBecomes(/ready/, 60_000);
  });

  after(async () => {
    await editor?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const name = this.currentTest.title.replace(/\W+/g, "-");
    await editor.screenshot(`failed-${name}`);
    await editor.keepLogs(name);
  });

  /** Types the first of several beginnings that the model goes on with, on a line of its own. */
  async function suggestion(
    beginnings: string[],
  ): Promise<{ typed: string; ghost: string }> {
    for (const typed of beginnings) {
      await editor.page.keyboard.press("Control+End");
      await editor.type(typed);
      const ghost = await editor.ghost(5000).catch(() => undefined);
      if (ghost !== undefined) return { typed, ghost };
      await editor.page.keyboard.press("Enter");
    }
    throw new Error(`no suggestion after any of ${JSON.stringify(beginnings)}`);
  }

  for (const [name, { typed: beginnings }] of Object.entries(languages)) {
    it(`shows ghost text in ${name} and takes it with Tab`, async () => {
      await editor.openFile(name);
      const { ghost } = await suggestion(beginnings);
      assert.notEqual(ghost.trim(), "");
      await editor.screenshot(`ghost-${name}`);
      const withGhost = await editor.lines({ ghost: true });
      await editor.page.keyboard.press("Tab");
      // What was promised in grey is what stands there; further lines of it come below.
      await editor.linesBecome((lines) => startsWith(lines, withGhost));
      await editor.screenshot(`accepted-${name}`);
    });
  }

  it("has asked nothing and put up no message since it was installed", async () => {
    assert.deepEqual(await editor.notifications(), []);
    const asking = editor.page.locator(
      ".monaco-dialog-box, .quick-input-widget:visible",
    );
    assert.equal(await asking.count(), 0);
  });

  it("stays away where its acceptance was undone", async () => {
    await editor.openFile("undo.py");
    await suggestion(languages["read.py"].typed);
    const before = await editor.lines();
    await editor.page.keyboard.press("Tab");
    await editor.linesBecome((lines) => lines.join() !== before.join());
    await editor.page.keyboard.press("Control+z");
    await editor.linesBecome((lines) => lines.join() === before.join());
    await editor.page.waitForTimeout(2000);
    assert.ok(!(await editor.hasGhost()));
  });

  it("takes one word, and the rest afterwards", async () => {
    await editor.openFile("words.ts");
    const { ghost } = await suggestion([
      "export function sub",
      "export function add",
      "const sum = ",
      "function ",
    ]);
    const whole = await editor.lines({ ghost: true });
    const before = await editor.lines();
    await editor.page.keyboard.press("Control+ArrowRight");
    const oneWord = await editor.linesBecome(
      (lines) => lines.join("\n") !== before.join("\n"),
    );
    await editor.screenshot("accepted-word");
    assert.ok(
      firstLine(whole.at(-1) ?? "").startsWith(
        (oneWord.at(-1) ?? "").trimEnd().slice(0, -1),
      ),
    );
    if (/\w\W+\w/.test(ghost)) {
      await editor.ghost();
      await editor.page.keyboard.press("Tab");
      await editor.linesBecome((lines) => startsWith(lines, whole));
    }
  });

  it("hides the suggestion on Escape", async () => {
    await editor.openFile("words.ts");
    await editor.page.keyboard.press("Enter");
    // What repeats the file's first line is as sure as a suggestion can be.
    await suggestion([
      "export function sum(left: number, ri",
      "const product = ",
      "export function mul",
    ]);
    const before = await editor.lines();
    await editor.page.keyboard.press("Escape");
    await editor.noGhost();
    await editor.page.waitForTimeout(500);
    assert.ok(!(await editor.hasGhost()));
    assert.deepEqual(await editor.lines(), before);
  });

  it("writes a longer continuation that one undo takes back", async () => {
    await editor.openFile("generate.ts");
    const before = await editor.lines();
    await editor.command("RWKV: Generate");
    const during = await editor.linesBecome(
      (lines) => lines.join("\n") !== before.join("\n"),
    );
    await editor.screenshot("generate-streams");
    await editor.progressEnds();
    // A long text has scrolled the first lines away.
    await editor.page.keyboard.press("Control+Home");
    const written = await editor.linesBecome((lines) => lines[0] === before[0]);
    assert.ok(written.join("\n").length >= during.join("\n").length);
    assert.deepEqual(written.slice(0, before.length - 1), before.slice(0, -1));
    await editor.page.keyboard.press("Control+z");
    await editor.linesBecome((lines) => lines.join("\n") === before.join("\n"));
  });

  it("continues after a selection, which stays", async () => {
    await editor.openFile("selection.ts");
    await editor.page.keyboard.press("Shift+Home");
    const before = await editor.lines();
    await editor.command("RWKV: Generate");
    const during = await editor.linesBecome(
      (lines) => lines.join("\n") !== before.join("\n"),
    );
    assert.ok(during.join("\n").startsWith(before.join("\n")));
    await editor.progressEnds();
    await editor.page.keyboard.press("Control+z");
    await editor.linesBecome((lines) => lines.join("\n") === before.join("\n"));
  });

  it("stops writing on Escape and leaves one undo step", async () => {
    await editor.openFile("generate.ts");
    const before = await editor.lines();
    await editor.command("RWKV: Generate");
    await editor.linesBecome((lines) => lines.join("\n") !== before.join("\n"));
    await editor.page.keyboard.press("Escape");
    await editor.progressEnds();
    const stopped = await editor.lines();
    await editor.page.waitForTimeout(500);
    assert.deepEqual(await editor.lines(), stopped);
    await editor.page.keyboard.press("Control+z");
    await editor.linesBecome((lines) => lines.join("\n") === before.join("\n"));
  });

  it("stops writing when the user types", async () => {
    await editor.openFile("generate.ts");
    const before = await editor.lines();
    await editor.command("RWKV: Generate");
    await editor.linesBecome((lines) => lines.join("\n") !== before.join("\n"));
    await editor.page.keyboard.press("Control+Home");
    await editor.page.keyboard.type("// mine");
    await editor.progressEnds();
    const stopped = await editor.lines();
    assert.match(stopped[0] ?? "", /^\/\/ mine/);
    await editor.page.waitForTimeout(500);
    assert.deepEqual(await editor.lines(), stopped);
  });

  it("is off, and says so, in a file that holds secrets", async () => {
    await editor.openFile(".env");
    await editor.statusBecomes(/off here/);
    await editor.type("SECRET=");
    await editor.page.waitForTimeout(1500);
    assert.ok(!(await editor.hasGhost()));
    await editor.screenshot("off-here");
  });

  it("is switched off and on for a language", async () => {
    await editor.openFile("read.py");
    await editor.statusBecomes(/ready/);
    const choose = async () => {
      await editor.command("RWKV: Toggle Suggestions");
      const choice = editor.page.locator(".quick-input-list .monaco-list-row", {
        hasText: "python",
      });
      await choice.waitFor();
      await editor.screenshot("toggle");
      await choice.click();
    };
    await choose();
    await editor.statusBecomes(/off here.*this language/);
    await choose();
    await editor.statusBecomes(/ready/);
    // It was once put off again by an answer that the engine gave before it knew of the change.
    await editor.page.waitForTimeout(1000);
    assert.match(await editor.status(), /ready/);
  });

  it("offers next steps in the status bar", async () => {
    await editor.statusItem.click();
    const row = (hasText: string) =>
      editor.page.locator(".quick-input-list .monaco-list-row", { hasText });
    for (const step of [
      "Suggest at the cursor",
      "Write a longer continuation",
      "Turn suggestions on or off…",
      "Show the statistics",
      "Models…",
      "Show the log",
    ])
      await row(step).waitFor();
    await editor.screenshot("status-menu");
    await editor.page.keyboard.press("Escape");
  });

  it("recovers when the engine is killed, without a word", async () => {
    await editor.openFile("loop.ts");
    const [killed, ...others] = enginesOf(editor.folder);
    assert.ok(
      killed !== undefined && others.length === 0,
      "there should be one engine",
    );
    process.kill(killed, "SIGKILL");
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.press("Enter");
    // Typing goes on while there is no engine.
    await editor.type("let typing = 1;");
    await editor.linesBecome((lines) =>
      lines.join("\n").includes("let typing = 1;"),
    );
    await editor.statusBecomes(/loading/).catch(() => undefined);
    await editor.statusBecomes(/ready/);
    await editor.page.keyboard.press("Enter");
    await suggestion(languages["loop.ts"].typed);
    await editor.screenshot("recovered");
    assert.deepEqual(await editor.notifications(), []);
    const [recovered] = enginesOf(editor.folder);
    assert.ok(recovered !== undefined && recovered !== killed);
  });

  it("says so once, with the log at hand, when the engine keeps dying", async () => {
    // Until it gives up: the earlier death and three more within minutes.
    let last: number | undefined;
    for (let deaths = 0; deaths < 3; deaths++) {
      last = await nextEngineOf(editor.folder, last);
      process.kill(last, "SIGKILL");
    }
    await editor.statusBecomes(/failed/);
    // The status changes before the notification has been drawn.
    await editor.page
      .locator(".notifications-toasts .monaco-button")
      .first()
      .waitFor();
    const notifications = await editor.notifications();
    assert.equal(notifications.length, 1, notifications.join("\n"));
    await editor.screenshot("gave-up");
    const button = (label: string) =>
      editor.page.locator(".notifications-toasts .monaco-button", {
        hasText: label,
      });
    assert.ok(await button("Show Log").isVisible());
    await button("Start Again").click();
    await editor.statusBecomes(/ready/);
  });

  it("leaves no engine behind when the editor closes", async () => {
    const [engine] = enginesOf(editor.folder);
    assert.ok(engine !== undefined);
    const { folder } = editor;
    await editor.close();
    const deadline = Date.now() + 15_000;
    while (enginesOf(folder).length > 0) {
      assert.ok(Date.now() < deadline, "the engine outlived its editor");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

/** Whether a document begins with these lines. */
function startsWith(lines: string[], beginning: string[]): boolean {
  return beginning.every((line, index) => lines[index] === line);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
