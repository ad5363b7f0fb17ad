import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";

/**
 * An extension that has what others have: a snippet on a key, a box for a commit's message, and what
 * a vim extension does in the editor's eyes: its context keys and its Esc. It is no vim.
 */
const manifest = {
  name: "neighbour",
  displayName: "Neighbour",
  version: "1.0.0",
  publisher: "test",
  engines: { vscode: "^1.91.0" },
  main: "./main.js",
  activationEvents: ["onStartupFinished"],
  contributes: {
    commands: [{ command: "neighbour.vim", title: "Neighbour: Vim" }],
    keybindings: [
      {
        command: "editor.action.insertSnippet",
        key: "ctrl+alt+s",
        when: "editorTextFocus",
        args: { snippet: "const ${1:opened} = ${2:books};\n$0" },
      },
      {
        command: "neighbour.vimEscape",
        key: "escape",
        when: "editorTextFocus && vim.active",
      },
    ],
  },
};

const main = `
const { commands, scm, window, workspace } = require("vscode");

exports.activate = () => {
  scm.createSourceControl("neighbour", "Neighbour", workspace.workspaceFolders[0].uri);
  const mode = window.createStatusBarItem();
  mode.show();
  const enter = async (name) => {
    await commands.executeCommand("setContext", "vim.active", true);
    await commands.executeCommand("setContext", "vim.mode", name);
    mode.text = "-- " + name + " --";
  };
  commands.registerCommand("neighbour.vim", () => enter("Insert"));
  commands.registerCommand("neighbour.vimEscape", async () => {
    await commands.executeCommand("cursorLeft");
    await enter("Normal");
  });
};
`;

/** Packages the extension into a file of its own, which `remove` takes away. */
export async function packNeighbour(): Promise<{
  vsix: string;
  remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "rwkv-neighbour-"));
  const vsix = join(folder, "neighbour.vsix");
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "main.js"), main);
  await writeFile(join(folder, "LICENSE"), "For tests alone.\n");
  await writeFile(join(folder, "README.md"), "For tests alone.\n");
  await createVSIX({
    cwd: folder,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
  });
  return { vsix, remove: () => rm(folder, { recursive: true }) };
}
