import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bareEnvironment, silencing } from "./bareEnvironment";
import { Editor } from "./editor";
import { nextEngineOf } from "./engineProcess";
import { readTrace, traceArguments, whyNotTraced } from "./systemCalls";

/** The library's first upload comes some ten seconds after the first session. */
const watchedMs = 20_000;

/**
 * The engine as the extension host starts it, with a home that nobody has used. What the editor
 * itself does is not ours.
 */
describe("the engine in the editor", function () {
  this.timeout(240_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files: { "add.ts": "" },
      settings: { "rwkv.timeBudget": 3000 },
      environment: (home) => {
        for (const name of ["home", "temporary"]) mkdirSync(join(home, name));
        return bareEnvironment(join(home, "home"), join(home, "temporary"));
      },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-watched");
    await editor.keepLogs("watched");
  });

  after(async () => {
    await editor?.close();
  });

  it("opens no socket, resolves no name and writes in its storage alone (needs strace)", async function () {
    if (whyNotTraced() !== undefined) this.skip();
    const storages = ["workspaceStorage", "globalStorage"].map((name) =>
      join(editor.folder, "user/User", name),
    );
    const trace = join(editor.folder, "trace");
    await editor.openFile("add.ts");
    const pid = await nextEngineOf(editor.folder, undefined);
    const tracer = spawn("strace", traceArguments(trace, { pid }), {
      stdio: "inherit",
    });
    const ended = once(tracer, "exit");
    try {
      await editor.statusBecomes(/ready/, 60_000);
      await editor.type("export function add(a: number, b: number) {\nret");
      assert.match(await editor.ghost(), /^urn/);
      await editor.page.waitForTimeout(watchedMs);
    } finally {
      tracer.kill("SIGINT");
      await ended;
    }
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    const variables = environment
      .split("\0")
      .map((each) => each.split("=")[0]!);
    assert.ok(variables.includes("HOME"));
    assert.deepEqual(silencing(variables), []);

    const temporary = join(editor.folder, "temporary");
    const seen = readTrace(trace, [...storages, temporary]);
    console.log(
      `      ${seen.calls} system calls in ${watchedMs / 1000} s and more: ` +
        `${seen.sockets.length} sockets, ${seen.names.length} names, ${seen.files.length} files elsewhere`,
    );
    assert.ok(seen.calls > 20, `only ${seen.calls} calls were seen`);
    assert.deepEqual(seen.sockets, []);
    assert.deepEqual(seen.names, []);
    assert.deepEqual(seen.files, []);
  });

  it("leaves nothing but saved states, names of the project and statistics in the extension's storage and in a fresh home", () => {
    // VS Code keeps a device id of its own there; ONNX Runtime would keep one in `.onnxruntime`.
    const home = everything(join(editor.folder, "home"));
    assert.deepEqual(
      home.filter((name) => /onnx|rwkv/i.test(name)),
      [],
    );
    const stored = everything(join(editor.folder, "user/User")).filter((name) =>
      /rwkv-code\.rwkv-code.+/.test(name),
    );
    for (const name of stored)
      assert.match(
        name,
        /rwkv-code\.rwkv-code.(states(.([0-9a-f-]+\.(state|document)|project-[0-9a-f]{16}\.index))?|statistics\.json)$/,
      );
  });
});

/** Names of all files and folders below a folder. */
function everything(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { encoding: "utf8", recursive: true });
}
