import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { buildSync } from "esbuild";
import type * as module from "../src/browser";
import { english } from "../src/messages";

const root = join(__dirname, "..");
const manifest = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as {
  browser: string;
  contributes: { commands: { command: string }[] };
};

describe("the extension in VS Code for the web", () => {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ["src/browser.ts"],
    bundle: true,
    platform: "browser",
    format: "cjs",
    external: ["vscode"],
    write: false,
    metafile: true,
    outdir: "dist",
  });

  it("is a program of its own that needs nothing of Node", () => {
    const [[path, { imports }], ...more] = Object.entries(metafile.outputs) as [
      [string, (typeof metafile.outputs)[string]],
    ];
    assert.deepEqual(more, []);
    assert.equal(`./${path}`, manifest.browser);
    assert.deepEqual(
      imports.map((each) => each.path),
      ["vscode"],
    );
  });

  it("says why nothing runs there: in the status bar, and behind each command", () => {
    const said: string[] = [];
    const commands = new Map<string, () => unknown>();
    let shown = 0;
    const item = {
      text: "",
      tooltip: "",
      command: "",
      accessibilityInformation: { label: "" },
      show: () => shown++,
    };
    const vscode = {
      StatusBarAlignment: { Right: 2 },
      l10n: { t: english },
      commands: {
        registerCommand: (name: string, run: () => unknown) =>
          commands.set(name, run),
      },
      window: {
        createStatusBarItem: () => item,
        showInformationMessage: (text: string) => said.push(text),
      },
    };
    const loaded = { exports: {} as typeof module };
    runInNewContext(outputFiles[0]!.text, {
      module: loaded,
      exports: loaded.exports,
      require: (name: string) => {
        assert.equal(name, "vscode");
        return vscode;
      },
    });
    loaded.exports.activate({
      extension: { packageJSON: manifest },
      subscriptions: [],
    } as never);

    assert.equal(shown, 1);
    assert.match(item.text, /RWKV/);
    assert.match(item.tooltip, /needs a process.*browser cannot start/);
    assert.equal(item.accessibilityInformation.label, item.tooltip);
    assert.ok(commands.has(item.command));
    assert.deepEqual(
      [...commands.keys()],
      manifest.contributes.commands.map(({ command }) => command),
    );
    for (const run of commands.values()) run();
    assert.deepEqual(new Set(said), new Set([item.tooltip]));
    assert.equal(said.length, commands.size);
  });
});
