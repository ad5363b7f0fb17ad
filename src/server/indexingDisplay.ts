import type {
  Connection,
  WorkDoneProgressServerReporter,
} from "vscode-languageserver/node";
import type { IndexingProgress } from "../project/indexer";

/** Work that is done sooner than this, in milliseconds, needs no progress bar. */
const delayMs = 2000;

/** The client's own progress display for indexing; to cancel it is to pause. */
export class IndexingDisplay {
  private reporter: WorkDoneProgressServerReporter | undefined;
  private timer: NodeJS.Timeout | undefined;
  private latest: IndexingProgress = { phase: "idle", done: 0, total: 0 };
  private percent = -1;

  constructor(
    private readonly connection: Connection,
    private readonly pause: () => void,
  ) {}

  show(progress: IndexingProgress): void {
    this.latest = progress;
    if (progress.phase === "idle" || progress.phase === "paused") {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.reporter?.done();
      this.reporter = undefined;
      return;
    }
    this.timer ??= setTimeout(() => void this.begin(), delayMs).unref();
    const percent = Math.floor((100 * progress.done) / (progress.total || 1));
    if (percent === this.percent) return;
    this.percent = percent;
    this.reporter?.report(percent, `${progress.done}/${progress.total}`);
  }

  private async begin(): Promise<void> {
    try {
      const created = await this.connection.window.createWorkDoneProgress();
      created.begin("Indexing the project", 0, undefined, true);
      created.token.onCancellationRequested(() => this.pause());
      const { phase } = this.latest;
      if (phase === "idle" || phase === "paused") created.done();
      else this.reporter = created;
    } catch {
      // A client that cannot show it does without.
    }
  }
}
