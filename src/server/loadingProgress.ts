import type {
  Connection,
  WorkDoneProgressServerReporter,
} from "vscode-languageserver/node";
import { worded, type Translate } from "../messages";

/** Milliseconds of loading before a progress bar is shown. */
const delayMs = 500;

/**
 * The client's own progress display for models that take long to load. A client that takes our
 * notifications has the same from the status, in words of its own.
 */
export class LoadingProgress {
  constructor(
    private readonly connection: Connection,
    private readonly isNotified: boolean,
    private readonly t: Translate,
  ) {}

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
        // A client that cannot show it does without.
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
