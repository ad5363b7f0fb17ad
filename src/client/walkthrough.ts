import { commands, window, workspace, Selection } from "vscode";

/** A program to try: the last line is to be finished. */
const sample = `const fruits = ["apple", "banana", "cherry"];
const lengths = [];

for (let i = 0; i < fruits.length; i++) {
  lengths.push(fruits[i].length);
}

for (let i = 0; i < lengths.`;

/** Opens the pages for the first minutes. */
export function openWalkthrough(): Thenable<unknown> {
  return commands.executeCommand(
    "workbench.action.openWalkthrough",
    "rwkv-code.rwkv-code#rwkv.start",
    false,
  );
}

/** Opens a file to try, which is nowhere on disk, and asks for a suggestion at its end. */
export async function openSample(): Promise<void> {
  const document = await workspace.openTextDocument({
    language: "javascript",
    content: sample,
  });
  const editor = await window.showTextDocument(document);
  const end = document.positionAt(sample.length);
  editor.selection = new Selection(end, end);
  await commands.executeCommand("editor.action.inlineSuggest.trigger");
}
