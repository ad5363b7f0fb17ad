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
  let restartTimer: NodeJS.Timeout | undefined;
  const startFor = (editor: TextEditor | undefined) => {
    if (editor && availability.of(editor.document).on) engine.start();
  };
  const restartSoon = () => {
    // Several changes within a second cause one restart.
    clearTimeout(restartTimer);
    restartTimer = setTimeout(() => {
      if (engine.status.state !== "waiting") void engine.restart();
    }, 1000);
  };
  const subscriptions = [
    // The engine indexes the project only if it was started in a trusted workspace.
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
  // In a later task, so that forking the engine's process does not prolong activation.
  const first = setTimeout(() => startFor(window.activeTextEditor), 0);
  return {
    dispose() {
      clearTimeout(first);
      clearTimeout(restartTimer);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
