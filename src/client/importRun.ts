import {
  l10n,
  ProgressLocation,
  window,
  type CancellationToken,
  type LogOutputChannel,
  type Progress,
} from "vscode";
import { worded } from "../messages";
import type {
  ImportModelFailure,
  ImportModelParams,
  ImportModelResult,
} from "../protocol";
import type { Supervisor } from "./supervisor";
import { showFailure } from "./failure";
import { chooseTokenizer } from "./importQuestions";
import {
  offerUse,
  rememberModelsFolder,
  type ModelsFolder,
} from "./modelSettings";

/** Where a model goes, and whether one of its name is there already. */
export interface ImportTarget {
  readonly folder: ModelsFolder;
  readonly name: string;
  readonly replaces: boolean;
}

/** Has the engine make models of checkpoints, and shows its progress. */
export class ImportRun {
  constructor(
    private readonly engine: Pick<Supervisor, "ready" | "restart">,
    private readonly log: LogOutputChannel,
  ) {}

  /**
   * Imports a checkpoint and offers to use the model. Resolves to whether it was imported; if not, the
   * user has cancelled it or has been told why.
   */
  async run(
    { folder, name, replaces }: ImportTarget,
    checkpoint: Omit<ImportModelParams, "modelsPath" | "name">,
  ): Promise<boolean> {
    const result = await this.import({
      ...checkpoint,
      modelsPath: folder.path,
      name,
    });
    if (result === undefined) return false;
    this.log.info(`import: ${result.name} is in ${folder.path}`);
    // Only after the import: a change of this setting restarts the engine, which would end the import.
    if (!folder.isSet) await rememberModelsFolder(folder.path);
    // The engine may have loaded the old files.
    else if (replaces) await this.engine.restart();
    // Not awaited: the user may leave the question open for long, and may start another import.
    void offerUse(result).catch((error: unknown) => this.showFailure(error));
    return true;
  }

  showFailure(error: unknown): void {
    showFailure(this.log, "import", error, (reason) =>
      l10n.t("RWKV could not import the model: {0}.", reason),
    );
  }

  /** The result; undefined if the user has cancelled the import or has been told that it failed. */
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
}

function lacksTokenizer(error: unknown): boolean {
  const { data } = error as { data?: Partial<ImportModelFailure> };
  return data?.missing === "tokenizer";
}
