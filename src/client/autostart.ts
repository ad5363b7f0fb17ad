import { window, workspace, type Disposable, type TextEditor } from "vscode";
import type { Availability } from "./availability";
import type { Supervisor } from "./supervisor";
import { processKeys } from "./settings";

/**
 * Starts the engine when the first document that it may complete is opened, and restarts it when a
 * setting changes that a running process cannot apply.
 */
export function autostart(
  engine: Supervisor,
  availability: Availability,
): Disposable {
  let settled: NodeJS.Timeout | undefined;
  const startFor = (editor: TextEditor | undefined) => {
    if (editor && availability.of(editor.document).on) engine.start();
  };
  const restartSoon = () => {
    // Several values changed one after the other cost one restart, not several.
    clearTimeout(settled);
    settled = setTimeout(() => {
      if (engine.status.state !== "waiting") void engine.restart();
    }, 1000);
  };
  const subscriptions = [
    // The project may be read from now on.
    workspace.onDidGrantWorkspaceTrust(restartSoon),
    window.onDidChangeActiveTextEditor(startFor),
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration("rwkv")) return;
      startFor(window.activeTextEditor);
      if (!processKeys.some((key) => event.affectsConfiguration(`rwkv.${key}`)))
        return;
      restartSoon();
    }),
  ];
  // Activation is over before the engine's process is forked.
  const first = setTimeout(() => startFor(window.activeTextEditor), 0);
  return {
    dispose() {
      clearTimeout(first);
      clearTimeout(settled);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
