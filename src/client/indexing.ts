import { commands, EventEmitter, type Disposable } from "vscode";
import { notIndexing, type IndexingParams } from "../protocol";
import type { Supervisor } from "./supervisor";

/** The progress of indexing the project, as the engine reports it, and the commands to pause and resume. */
export class Indexing implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly subscription: Disposable;
  private latest = notIndexing;

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Pick<Supervisor, "client" | "onDidChangeStatus">,
  ) {
    // An engine that is starting or has failed is not indexing.
    this.subscription = engine.onDidChangeStatus(({ state }) => {
      if (state !== "ready" && state !== "thinking") this.update(notIndexing);
    });
  }

  get progress(): IndexingParams {
    return this.latest;
  }

  update(progress: IndexingParams): void {
    const wasPhase = this.latest.phase;
    this.latest = progress;
    if (progress.phase !== wasPhase)
      void commands.executeCommand(
        "setContext",
        "rwkv.indexing",
        progress.phase === "idle" || progress.phase === "paused"
          ? progress.phase
          : "running",
      );
    this.changed.fire();
  }

  /** Pauses or resumes indexing; without a running engine it does nothing. */
  async pause(paused: boolean): Promise<void> {
    await this.engine.client?.pauseIndexing(paused);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
