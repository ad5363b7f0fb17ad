import {
  env,
  l10n,
  ProgressLocation,
  window,
  workspace,
  type LogOutputChannel,
  type Progress,
  type QuickPickItem,
  type Uri,
} from "vscode";
import { Rate } from "../download/rate";
import { impatientPolicy } from "../download/retry";
import { wantsEightBits } from "../models/catalogue/catalogue";
import { needs } from "../models/catalogue/estimate";
import { obtainCheckpoint, removeDownload } from "../models/catalogue/obtain";
import {
  officialCheckpoints,
  ofSize,
  type OfficialCheckpoint,
} from "../models/catalogue/official";
import type { ImportModelParams } from "../protocol";
import type { DownloadSource } from "./downloadSource";
import { showFailure } from "./failure";
import { chooseName, chooseQuantisation } from "./importQuestions";
import type { ImportRun, ImportTarget } from "./importRun";
import { modelsFolder } from "./modelSettings";
import { formatSize, type ModelText } from "./modelText";

/** The user's choices, made before the download starts. */
interface Order {
  readonly checkpoint: OfficialCheckpoint;
  readonly quantisation: ImportModelParams["quantisation"];
  readonly target: ImportTarget;
  /** Whether the checkpoint is kept after the import. */
  readonly keeps: boolean;
}

type Report = Progress<{ message?: string; increment?: number }>;

/** Downloads an official checkpoint and makes a model of it. Only a command of the user starts this. */
export class DownloadModel {
  private isRunning = false;

  constructor(
    private readonly source: DownloadSource,
    private readonly imports: ImportRun,
    private readonly log: LogOutputChannel,
    /** The extension's folder for data of all workspaces. */
    private readonly storage: Uri,
  ) {}

  /** @param sizeName the size of the checkpoints to choose from, e.g. "0.4B"; all if missing */
  async run(text: ModelText, sizeName?: string): Promise<void> {
    // No request is sent from a workspace that is not trusted. The callers check this, too.
    if (!workspace.isTrusted) return;
    if (this.isRunning) {
      void window.showInformationMessage(
        l10n.t("RWKV is downloading a model already."),
      );
      return;
    }
    this.isRunning = true;
    try {
      const order = await this.order(text, sizeName);
      if (order !== undefined) await this.carryOut(order, text);
    } catch (error) {
      showFailure(this.log, "download", error, (reason) =>
        l10n.t("RWKV could not download the model: {0}.", reason),
      );
    } finally {
      this.isRunning = false;
    }
  }

  /** Asks the user for all choices; undefined if the user cancels. */
  private async order(
    text: ModelText,
    sizeName: string | undefined,
  ): Promise<Order | undefined> {
    const all = await this.list();
    if (all === undefined) return undefined;
    const offered = sizeName === undefined ? all : ofSize(all, sizeName);
    const checkpoint = await chooseOfficial(
      offered.length > 0 ? offered : all,
      text,
    );
    if (checkpoint === undefined) return undefined;
    const quantisation = wantsEightBits(checkpoint.sizeName)
      ? "int8"
      : await chooseQuantisation();
    if (quantisation === undefined) return undefined;
    const folder = await modelsFolder(this.storage);
    if (folder === undefined) return undefined;
    const chosen = await chooseName(checkpoint.path, folder.path);
    if (chosen === undefined) return undefined;
    const target = { folder, ...chosen };
    const keeps = await confirm(checkpoint, quantisation, target);
    if (keeps === undefined) return undefined;
    return { checkpoint, quantisation, target, keeps };
  }

  /** The official checkpoints, the newest first; undefined if the user cancels the request. */
  private list(): Promise<OfficialCheckpoint[] | undefined> {
    return this.source.run((source) =>
      cancellable(
        l10n.t("RWKV asks {0} for its models", source.endpoint.host),
        (_, signal) =>
          officialCheckpoints(source, { signal, policy: impatientPolicy }),
      ),
    );
  }

  private async carryOut(
    { checkpoint, quantisation, target, keeps }: Order,
    text: ModelText,
  ): Promise<void> {
    const { size, license, name } = checkpoint;
    const began = performance.now();
    const obtained = await this.source.run((source) =>
      cancellable(l10n.t("RWKV downloads {0}", name), (progress, signal) =>
        obtainCheckpoint(checkpoint, target.folder.path, quantisation, source, {
          signal,
          onBytes: reporter(progress, size, text),
          onWait: (ms, error) => {
            const seconds = Math.ceil(ms / 1000);
            const message = l10n.t("next try in {0} s", seconds);
            this.log.warn(`download: ${error.message}; ${message}`);
            progress.report({ message });
          },
        }),
      ),
    );
    if (obtained === undefined) {
      void window.showInformationMessage(
        l10n.t(
          "The download was stopped. The part that was downloaded is kept, and RWKV: Models… continues it.",
        ),
      );
      return;
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    this.log.info(`download: ${name}, ${size} bytes, in ${seconds} s`);
    const isImported = await this.imports.run(target, {
      source: obtained.checkpoint,
      tokenizer: obtained.tokenizer,
      quantisation,
      license,
    });
    if (isImported && !keeps) await removeDownload(obtained);
  }
}

/** Runs `work` with a notification that shows its progress; undefined if the user cancels it. */
async function cancellable<T>(
  title: string,
  work: (progress: Report, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const location = ProgressLocation.Notification;
  return window.withProgress(
    { location, title, cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      const listening = token.onCancellationRequested(() => abort.abort());
      try {
        return await work(progress, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return undefined;
        throw error;
      } finally {
        listening.dispose();
      }
    },
  );
}

/** Makes a function that shows the bytes downloaded so far, of `total`, at most four times a second. */
function reporter(
  progress: Report,
  total: number,
  text: ModelText,
): (bytes: number) => void {
  const rate = new Rate(total);
  let shownAt = -Infinity;
  let shown = 0;
  return (bytes) => {
    rate.update(bytes);
    const now = performance.now();
    if (now - shownAt < 250 && bytes < total) return;
    shownAt = now;
    const percent = (100 * bytes) / total;
    progress.report({
      message: text.progress(bytes, total, rate.get()),
      increment: Math.max(0, percent - shown),
    });
    shown = Math.max(shown, percent);
  };
}

interface Choice extends QuickPickItem {
  checkpoint: OfficialCheckpoint;
}

async function chooseOfficial(
  offered: readonly OfficialCheckpoint[],
  text: ModelText,
): Promise<OfficialCheckpoint | undefined> {
  const choices = offered.map((checkpoint, index): Choice => {
    const { name, date, size, sizeName, license, repository } = checkpoint;
    const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
    return {
      checkpoint,
      label: name,
      description: index === 0 ? l10n.t("{0}, the newest", day) : day,
      detail: `${text.available({ bytes: size }, license, needs(size, sizeName, "int8"))} · ${repository}`,
    };
  });
  const choice = await window.showQuickPick(choices, {
    title: l10n.t("Official checkpoints"),
    placeHolder: l10n.t(
      "Choose one to download; their authors recommend the newest",
    ),
    matchOnDetail: true,
  });
  return choice?.checkpoint;
}

/** Asks whether to download and, if so, whether to keep the checkpoint (true); undefined: do nothing. */
async function confirm(
  { size, sizeName, path, repository, license }: OfficialCheckpoint,
  quantisation: Order["quantisation"],
  { folder, name }: ImportTarget,
): Promise<boolean | undefined> {
  const download = l10n.t("Download");
  const keep = l10n.t("Download and Keep the Checkpoint");
  const model = needs(size, sizeName, quantisation).bytes;
  const answer = await window.showInformationMessage(
    l10n.t("Download {0}?", name),
    {
      modal: true,
      detail: l10n.t(
        "{0} of {1}, {2}, licence {3}, becomes a model of about {4} in {5}. The checkpoint is deleted afterwards unless you keep it.",
        path,
        repository,
        formatSize(size, env.language),
        license,
        formatSize(model, env.language),
        folder.path,
      ),
    },
    download,
    keep,
  );
  if (answer === undefined) return undefined;
  return answer === keep;
}
