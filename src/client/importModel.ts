import {
  l10n,
  ProgressLocation,
  window,
  type CancellationToken,
  type LogOutputChannel,
  type Progress,
  type Uri,
} from "vscode";
import { worded } from "../messages";
import type {
  ImportModelFailure,
  ImportModelParams,
  ImportModelResult,
} from "../protocol";
import type { Supervisor } from "./supervisor";
import { showFailure } from "./failure";
import {
  chooseCheckpoint,
  chooseName,
  chooseQuantisation,
  chooseTokenizer,
} from "./importQuestions";
import { modelsFolder, offerUse, rememberModelsFolder } from "./modelSettings";

/** The command *Import Model…*: a checkpoint becomes a model package in the models folder. */
export class ImportModel {
  private isRunning = false;

  constructor(
    private readonly engine: Pick<Supervisor, "ready" | "restart">,
    private readonly log: LogOutputChannel,
    /** Of the extension, for all workspaces. */
    private readonly storage: Uri,
  ) {}

  async run(): Promise<void> {
    if (this.isRunning) {
      void window.showInformationMessage(
        l10n.t("RWKV is importing a model already."),
      );
      return;
    }
    this.isRunning = true;
    try {
      await this.ask();
    } catch (error) {
      // The settings file cannot be written, for one.
      this.showFailure(error);
    } finally {
      this.isRunning = false;
    }
  }

  /** Every question comes before the first byte is written, but the one for a missing tokenizer. */
  private async ask(): Promise<void> {
    const source = await chooseCheckpoint();
    if (source === undefined) return;
    const quantisation = await chooseQuantisation();
    if (quantisation === undefined) return;
    const folder = await modelsFolder(this.storage);
    if (folder === undefined) return;
    const chosen = await chooseName(source, folder.path);
    if (chosen === undefined) return;

    const { name, replaces } = chosen;
    const result = await this.import({
      source,
      modelsPath: folder.path,
      name,
      quantisation,
    });
    if (result === undefined) return;
    this.log.info(`import: ${result.name} is in ${folder.path}`);
    // Not sooner: the engine starts again when the folder changes, which would end the import.
    if (!folder.isSet) await rememberModelsFolder(folder.path);
    // The engine may have read the old files.
    else if (replaces) await this.engine.restart();
    // The message may stay for long; the next import need not wait for its answer.
    void offerUse(result).catch((error: unknown) => this.showFailure(error));
  }

  /** The result; undefined if there is none, which the user knows by then. */
  private async import(
    params: ImportModelParams,
  ): Promise<ImportModelResult | undefined> {
    const outcome = await this.withProgress(params);
    if (outcome !== "tokenizer missing") return outcome;
    const tokenizer = await chooseTokenizer(params.source);
    if (tokenizer === undefined) return undefined;
    return this.import({ ...params, tokenizer });
  }

  private withProgress(
    params: ImportModelParams,
  ): Thenable<ImportModelResult | "tokenizer missing" | undefined> {
    const options = {
      location: ProgressLocation.Notification,
      title: l10n.t("RWKV imports {0}", params.name),
      cancellable: true,
    };
    return window.withProgress(options, async (progress, token) => {
      try {
        return await this.request(params, progress, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        if (lacksTokenizer(error) && params.tokenizer === undefined)
          return "tokenizer missing";
        this.showFailure(error);
        return undefined;
      }
    });
  }

  private async request(
    params: ImportModelParams,
    progress: Progress<{ message?: string; increment?: number }>,
    token: CancellationToken,
  ): Promise<ImportModelResult | undefined> {
    const client = await this.engine.ready();
    if (token.isCancellationRequested) return undefined;
    let shown = 0;
    return client.importModel(
      params,
      ({ told, percentage = shown, ...english }) => {
        const message = told ? worded(told, l10n.t) : english.message;
        progress.report({
          ...(message !== undefined && { message }),
          increment: percentage - shown,
        });
        shown = percentage;
      },
      token,
    );
  }

  private showFailure(error: unknown): void {
    showFailure(this.log, "import", error, (reason) =>
      l10n.t("RWKV could not import the model: {0}.", reason),
    );
  }
}

function lacksTokenizer(error: unknown): boolean {
  const { data } = error as { data?: Partial<ImportModelFailure> };
  return data?.missing === "tokenizer";
}
