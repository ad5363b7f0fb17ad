import { commands, l10n, window, type ExtensionContext } from "vscode";
import { AskAgain } from "./client/askAgain";
import { autostart } from "./client/autostart";
import { Availability } from "./client/availability";
import { CompletionServer } from "./client/completionServer";
import { Dismissal } from "./client/dismissal";
import { Supervisor } from "./client/supervisor";
import { DownloadModel } from "./client/downloadModel";
import { DownloadSource } from "./client/downloadSource";
import { Explain } from "./client/explain/explain";
import { Generate } from "./client/generate";
import { ImportModel } from "./client/importModel";
import { ImportRun } from "./client/importRun";
import { Indexing } from "./client/indexing";
import { LanguageStatus } from "./client/languageStatus";
import { LastAnswer } from "./client/lastAnswer";
import { middleware } from "./client/middleware";
import { Models } from "./client/models";
import { ModelSpeeds } from "./client/modelSpeeds";
import { Notebooks } from "./client/notebooks";
import { States } from "./client/states";
import { Statistics } from "./client/statistics/statistics";
import { StatusBar } from "./client/statusBar";
import { showStatusMenu } from "./client/statusMenu";
import { Suggestions } from "./client/suggestions";
import { toggle } from "./client/toggle";
import { openSample, openWalkthrough } from "./client/walkthrough";
import { VisibleDocuments } from "./client/visibleDocuments";

let engine: Supervisor | undefined;
let statistics: Statistics | undefined;

/** Registers everything and returns at once; the engine's process starts afterwards. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("RWKV", { log: true });
  engine = new Supervisor(context, log);
  const availability = new Availability(engine);
  const generate = new Generate(engine, log);
  const imports = new ImportRun(engine, log);
  const importModel = new ImportModel(imports, context.globalStorageUri);
  const download = new DownloadModel(
    new DownloadSource(context.secrets),
    imports,
    log,
    context.globalStorageUri,
  );
  const speeds = new ModelSpeeds(context.globalState);
  const models = new Models(engine, download, speeds, log);
  const states = new States(engine, availability, log);
  const suggestions = new Suggestions();
  const indexing = new Indexing(engine);
  const askAgain = new AskAgain(engine, suggestions, context.extension.id);
  const dismissal = new Dismissal(engine, suggestions);
  const lastAnswer = new LastAnswer(suggestions);
  const explain = new Explain(engine, log);
  const counting = new Statistics(suggestions, context.globalStorageUri, log);
  const server = new CompletionServer(engine, context.secrets, log);
  statistics = counting;
  engine.middleware = middleware(availability, suggestions, askAgain, (uri) =>
    generate.isRunningIn(uri),
  );
  engine.onRequest = (event) => suggestions.onRequest(event);
  engine.onIndexing = (progress) => indexing.update(progress);
  engine.onGaveUp = (message) => void offerLog(message);

  const running = engine;
  const on = (command: string, run: () => unknown) =>
    commands.registerCommand(command, run);
  context.subscriptions.push(
    log,
    availability,
    generate,
    suggestions,
    counting,
    askAgain,
    dismissal,
    lastAnswer,
    explain,
    indexing,
    new StatusBar(engine, availability, indexing),
    new LanguageStatus(engine, availability, lastAnswer),
    new VisibleDocuments(engine, availability),
    new Notebooks(engine),
    autostart(engine, availability),
    server,
    on("rwkv.generate", () => generate.run()),
    on("rwkv.cancelGenerate", () => generate.cancel()),
    on("rwkv.trigger", () =>
      commands.executeCommand("editor.action.inlineSuggest.trigger"),
    ),
    on("rwkv.dismiss", () => {
      askAgain.forget();
      return dismissal.run();
    }),
    on("rwkv.toggle", toggle),
    on("rwkv.models", () => models.run()),
    on("rwkv.importModel", () => importModel.run()),
    on("rwkv.showState", () => states.show()),
    on("rwkv.server", () => server.run()),
    on("rwkv.explain", () => explain.run()),
    on("rwkv.statistics", () => counting.show()),
    on("rwkv.openWalkthrough", openWalkthrough),
    on("rwkv.openSample", openSample),
    on("rwkv.clearSavedStates", () => states.clearSaved()),
    on("rwkv.showLog", () => log.show()),
    on("rwkv.restart", () => running.restart()),
    on("rwkv.pauseIndexing", () => indexing.pause(true)),
    on("rwkv.resumeIndexing", () => indexing.pause(false)),
    on("rwkv.status", () =>
      showStatusMenu(running, availability, lastAnswer, indexing),
    ),
  );

  async function offerLog(message: string): Promise<void> {
    const showLog = l10n.t("Show Log");
    const restart = l10n.t("Start Again");
    const choice = await window.showErrorMessage(message, showLog, restart);
    if (choice === showLog) log.show();
    if (choice === restart) await running.restart();
  }
}

/** Waits until the engine's process has said goodbye and all figures are written. */
export async function deactivate(): Promise<void> {
  await Promise.all([engine?.stop(), statistics?.dispose()]);
  statistics = undefined;
  engine = undefined;
}
