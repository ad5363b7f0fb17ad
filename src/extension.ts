import { commands, l10n, window, type ExtensionContext } from "vscode";
import { autostart } from "./client/autostart";
import { Availability } from "./client/availability";
import { Supervisor } from "./client/supervisor";
import { Generate } from "./client/generate";
import { ImportModel } from "./client/importModel";
import { middleware } from "./client/middleware";
import { States } from "./client/states";
import { StatusBar } from "./client/statusBar";
import { showStatusMenu } from "./client/statusMenu";
import { toggle } from "./client/toggle";
import { VisibleDocuments } from "./client/visibleDocuments";

let engine: Supervisor | undefined;

/** Registers everything and returns at once; the engine's process starts afterwards. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("RWKV", { log: true });
  engine = new Supervisor(context, log);
  const availability = new Availability(engine);
  const generate = new Generate(engine, log);
  const models = new ImportModel(engine, log, context.globalStorageUri);
  const states = new States(engine, availability, log);
  engine.middleware = middleware(availability, (uri) =>
    generate.isRunningIn(uri),
  );
  engine.onGaveUp = (message) => void offerLog(message);

  const running = engine;
  const on = (command: string, run: () => unknown) =>
    commands.registerCommand(command, run);
  context.subscriptions.push(
    log,
    availability,
    generate,
    new StatusBar(engine, availability),
    new VisibleDocuments(engine, availability),
    autostart(engine, availability),
    on("rwkv.generate", () => generate.run()),
    on("rwkv.cancelGenerate", () => generate.cancel()),
    on("rwkv.trigger", () =>
      commands.executeCommand("editor.action.inlineSuggest.trigger"),
    ),
    on("rwkv.toggle", toggle),
    on("rwkv.importModel", () => models.run()),
    on("rwkv.showState", () => states.show()),
    on("rwkv.clearSavedStates", () => states.clearSaved()),
    on("rwkv.showLog", () => log.show()),
    on("rwkv.restart", () => running.restart()),
    on("rwkv.status", () => showStatusMenu(running, availability)),
  );

  async function offerLog(message: string): Promise<void> {
    const showLog = l10n.t("Show Log");
    const restart = l10n.t("Start Again");
    const choice = await window.showErrorMessage(message, showLog, restart);
    if (choice === showLog) log.show();
    if (choice === restart) await running.restart();
  }
}

/** Waits until the engine's process has said goodbye. */
export async function deactivate(): Promise<void> {
  await engine?.stop();
  engine = undefined;
}
