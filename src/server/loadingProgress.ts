import type {
  Connection,
  WorkDoneProgressServerReporter,
} from "vscode-languageserver/node";

/** A model that is loaded sooner than this, in milliseconds, needs no progress bar. */
const delayMs = 500;

/** The client's own progress display for models that take long to load. */
export class LoadingProgress {
  constructor(private readonly connection: Connection) {}

  begin(name: string): { report(share: number): void; end(): void } {
    let reporter: WorkDoneProgressServerReporter | undefined;
    let ended = false;
    const show = async () => {
      try {
        const created = await this.connection.window.createWorkDoneProgress();
        created.begin(`Loading the model ${name}`, 0);
        if (ended) created.done();
        else reporter = created;
      } catch {
        // A client that cannot show it does without.
      }
    };
    const timer = setTimeout(() => void show(), delayMs);
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
