import {
  commands,
  l10n,
  StatusBarAlignment,
  window,
  type ExtensionContext,
} from "vscode";

/**
 * The extension where there are no processes, in VS Code for the web: an item in the status bar and
 * a sentence behind every command say that nothing runs here.
 */
export function activate(context: ExtensionContext): void {
  const sentence = l10n.t(
    "RWKV needs a process of its own, which VS Code in a browser cannot start. Open the folder in VS Code on a computer, or connect to one.",
  );
  const item = window.createStatusBarItem(
    "rwkv.status",
    StatusBarAlignment.Right,
    100,
  );
  item.name = "RWKV";
  item.text = "$(circle-slash) RWKV";
  item.tooltip = sentence;
  item.accessibilityInformation = { label: sentence };
  item.command = "rwkv.status";
  item.show();
  const { contributes } = context.extension.packageJSON as {
    contributes: { commands: { command: string }[] };
  };
  context.subscriptions.push(
    item,
    ...contributes.commands.map(({ command }) =>
      commands.registerCommand(command, () =>
        window.showInformationMessage(sentence),
      ),
    ),
  );
}
