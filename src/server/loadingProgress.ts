import type {
  Connection,
  WorkDoneProgressServerReporter,
} from "vscode-languageserver/node";
import { worded, type Translate } from "../messages";

/** Milliseconds of loading before a progress bar is shown. */
const delayMs = 500;

/**
 * Shows by LSP's work-done progress that a model takes long to load. A client that takes `rwkv/status` is
 * not sent this: the status has the progress, and the client words it.
 */
export class LoadingProgress {
  constructor(
    private readonly connection: Connection,
    private readonly isNotified: boolean,
    private readonly t: Translate,
  ) {}

  /** @returns `report` takes the share that is loaded, 0 … 1 */
  begin(name: string): { report(share: number): void; end(): void } {
    let reporter: WorkDoneProgressServerReporter | undefined;
    let ended = false;
    const show = async () => {
      try {
        const created = await this.connection.window.createWorkDoneProgress();
        created.begin(
          worded({ code: "model loading", args: [name] }, this.t),
          0,
        );
        if (ended) created.done();
        else reporter = created;
      } catch {
        // The client cannot show progress.
      }
    };
    const timer = this.isNotified
      ? undefined
      : setTimeout(() => void show(), delayMs);
    return {
      report: (share) => reporter?.report(share * 100),
      end: () => {
        clearTimeout(timer);
        ended = true;
        reporter?.done();
      },
    };
  }
}
