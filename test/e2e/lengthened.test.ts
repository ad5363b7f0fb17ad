import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import type { FakeServerOptions } from "../support/fakeServer";
import { Editor, ghostSelector } from "./editor";

/** One for each test, as suggestions are remembered. */
const places = ["// To grow: ", "// To accept: ", "// To hide: "] as const;
const text = "one two three four five six seven eight nine ten;";

/** Puts a server with a slow fake model in the place of the installed one. */
async function installFakeServer(extensions: string): Promise<void> {
  const name = (await readdir(extensions)).find((each) =>
    each.startsWith("rwkv-code."),
  )!;
  const fake: FakeServerOptions = {
    texts: places.map((place) => `${place}${text}\n`),
    stepMs: 40,
  };
  await build({
    entryPoints: [join(__dirname, "..", "support", "fakeServer.ts")],
    outfile: join(extensions, name, "dist", "server.js"),
    bundle: true,
    platform: "node",
    external: ["onnxruntime-node", "web-tree-sitter"],
    banner: {
      js: `process.argv.push(${JSON.stringify(`--fake=${JSON.stringify(fake)}`)});`,
    },
    logLevel: "error",
  });
}

describe("a suggestion that goes on behind its time budget", function () {
  this.timeout(300_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files: { "a.ts": "" },
      settings: { "rwkv.timeBudget": 200, "editor.cursorBlinking": "solid" },
      prepare: installFakeServer,
    });
    await editor.openFile("a.ts");
    await editor.statusBecomes(/ready/, 60_000);
  });

  beforeEach(async () => {
    await editor.page.keyboard.press("Control+a");
    await editor.page.keyboard.press("Delete");
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-lengthened");
    await editor.keepLogs("lengthened");
  });

  after(async () => {
    await editor?.close();
  });

  /** Notes the ghost text in each frame that is drawn. */
  const watch = () =>
    editor.page.evaluate(`(() => {
      const seen = (window.seen = []);
      const look = () => {
        if (window.seen !== seen) return;
        const now = [...document.querySelectorAll(${JSON.stringify(ghostSelector)})]
          .map((each) => each.textContent.replaceAll("\\u00a0", " ")).join("");
        if (seen.at(-1) !== now) seen.push(now);
        requestAnimationFrame(look);
      };
      look();
    })()`);
  const seen = () => editor.page.evaluate<string[]>("window.seen");
  const becomes = async (ghost: string) => {
    const deadline = Date.now() + 30_000;
    while ((await seen()).at(-1) !== ghost) {
      assert.ok(Date.now() < deadline, (await seen()).join("\n"));
      await editor.page.waitForTimeout(20);
    }
  };

  it("grows on the screen, and nothing flickers", async () => {
    await editor.type(places[0]);
    await watch();
    await becomes(text);
    const [, ...parts] = await seen();
    assert.ok(parts.length > 1, `there at once: ${parts.join("\n")}`);
    for (const [i, part] of parts.entries())
      assert.ok(part !== "" && parts[i + 1]?.startsWith(part) !== false, part);
    // Typing along it leaves the longer one where it is.
    await editor.type("one");
    await becomes(text.slice("one".length));
    assert.deepEqual((await seen()).slice(parts.length), [
      text,
      text.slice(1),
      text.slice(2),
      text.slice(3),
    ]);
    await editor.page.keyboard.press("Tab");
    await editor.linesBecome((lines) => lines[0] === places[0] + text);
  });

  it("has its rest at once where its first part was accepted", async () => {
    await editor.type(places[1]);
    const first = await editor.ghost();
    assert.ok(text.startsWith(first) && first !== text, first);
    await editor.page.keyboard.press("Tab");
    const [line] = await editor.linesBecome((lines) =>
      lines[0]!.startsWith(places[1] + first),
    );
    // It may have grown between the look and the key.
    const rest = text.slice(line!.length - places[1].length);
    assert.notEqual(rest, "", "all of it was there before Tab was pressed");
    await watch();
    await becomes(rest);
    const requests = (await editor.log()).match(/a\.ts:1:\d+: .*/g)!;
    assert.match(requests.at(-1)!, /: typed through/);
  });

  it("does not come back after Escape", async () => {
    await editor.type(places[2]);
    await editor.ghost();
    await editor.page.keyboard.press("Escape");
    await editor.noGhost();
    await watch();
    await editor.page.waitForTimeout(2000);
    assert.deepEqual(await seen(), [""]);
  });
});
