import { commands, window, workspace, Selection } from "vscode";

/** A program for the first try; its last line is incomplete. */
const sample = `const fruits = ["apple", "banana", "cherry"];
const lengths = [];

for (let i = 0; i < fruits.length; i++) {
  lengths.push(fruits[i].length);
}

for (let i = 0; i < lengths.`;

/** Opens the extension's walkthrough. */
export function openWalkthrough(): Thenable<unknown> {
  return commands.executeCommand(
    "workbench.action.openWalkthrough",
    "rwkv-code.rwkv-code#rwkv.start",
    false,
  );
}

/** Opens the sample as an unsaved document and requests a suggestion at its end. */
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
