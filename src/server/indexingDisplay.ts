import type {
  Connection,
  WorkDoneProgressServerReporter,
} from "vscode-languageserver/node";
import { worded, type Translate } from "../messages";
import { IndexingNotification, notIndexing } from "../protocol";
import type { IndexingProgress } from "../project/indexer";

/** Milliseconds of indexing before it is shown. */
const delayMs = 2000;

/**
 * Shows the progress of indexing that takes longer than two seconds: by `rwkv/indexing` to a client that
 * takes it, else by LSP's work-done progress, which the user can cancel to pause indexing.
 */
export class IndexingDisplay {
  private reporter: WorkDoneProgressServerReporter | undefined;
  private timer: NodeJS.Timeout | undefined;
  private latest: IndexingProgress = notIndexing;
  private isShown = false;
  private percent = -1;

  constructor(
    private readonly connection: Connection,
    private readonly isNotified: boolean,
    private readonly t: Translate,
    private readonly pause: () => void,
  ) {}

  show(progress: IndexingProgress): void {
    const { phase } = this.latest;
    this.latest = progress;
    if (progress.phase === "idle") this.hide();
    else if (progress.phase === "paused" && !this.isNotified) this.hide();
    else if (!this.isShown && progress.phase !== "paused")
      this.timer ??= setTimeout(() => this.begin(), delayMs).unref();
    else if (progress.phase === "paused") this.begin();
    const percent = Math.floor((100 * progress.done) / (progress.total || 1));
    if (percent === this.percent && progress.phase === phase) return;
    this.percent = percent;
    if (this.isShown) this.report();
  }

  private begin(): void {
    this.isShown = true;
    if (this.isNotified) this.report();
    else void this.beginProgress();
  }

  private hide(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isShown && this.isNotified) this.report();
    this.isShown = false;
    this.reporter?.done();
    this.reporter = undefined;
  }

  private report(): void {
    const { done, total } = this.latest;
    if (this.isNotified)
      void this.connection.sendNotification(IndexingNotification, this.latest);
    else this.reporter?.report(this.percent, `${done}/${total}`);
  }

  private async beginProgress(): Promise<void> {
    try {
      const created = await this.connection.window.createWorkDoneProgress();
      const title = worded({ code: "indexing project", args: [] }, this.t);
      created.begin(title, 0, undefined, true);
      created.token.onCancellationRequested(() => this.pause());
      if (this.isShown) this.reporter = created;
      else created.done();
    } catch {
      // The client cannot show progress.
    }
  }
}
