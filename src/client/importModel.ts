import { l10n, window, type Uri } from "vscode";
import type { ImportRun } from "./importRun";
import {
  chooseCheckpoint,
  chooseName,
  chooseQuantisation,
} from "./importQuestions";
import { modelsFolder } from "./modelSettings";

/** The command *Import Model…*: a checkpoint becomes a model package in the models folder. */
export class ImportModel {
  private isRunning = false;

  constructor(
    private readonly imports: ImportRun,
    /** The extension's folder for data of all workspaces. */
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
      // For example, the settings file cannot be written.
      this.imports.showFailure(error);
    } finally {
      this.isRunning = false;
    }
  }

  /** Asks all questions, then imports. Only a missing tokenizer is asked for during the import. */
  private async ask(): Promise<void> {
    const source = await chooseCheckpoint();
    if (source === undefined) return;
    const quantisation = await chooseQuantisation();
    if (quantisation === undefined) return;
    const folder = await modelsFolder(this.storage);
    if (folder === undefined) return;
    const chosen = await chooseName(source, folder.path);
    if (chosen === undefined) return;
    await this.imports.run({ folder, ...chosen }, { source, quantisation });
  }
}
