import {
  NotebookCellKind,
  workspace,
  type Disposable,
  type NotebookDocument,
} from "vscode";
import type { EngineClient } from "./engineClient";
import type { Supervisor } from "./supervisor";

/** Tells each engine process which cells a notebook has: each cell is opened as a document of its own. */
export class Notebooks implements Disposable {
  private readonly subscriptions: Disposable[];
  private publishedTo: EngineClient | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "client" | "onDidChangeStatus">,
  ) {
    this.subscriptions = [
      workspace.onDidOpenNotebookDocument((notebook) => this.publish(notebook)),
      workspace.onDidCloseNotebookDocument((notebook) =>
        this.publish(notebook, []),
      ),
      workspace.onDidChangeNotebookDocument((change) => {
        if (change.contentChanges.length > 0) this.publish(change.notebook);
      }),
      engine.onDidChangeStatus(() => this.publishAll()),
    ];
    this.publishAll();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Sends all open notebooks to an engine that has just started. */
  private publishAll(): void {
    const { client } = this.engine;
    if (client === this.publishedTo) return;
    this.publishedTo = client;
    for (const notebook of workspace.notebookDocuments) this.publish(notebook);
  }

  private publish(
    notebook: NotebookDocument,
    cells = notebook.getCells(),
  ): void {
    const code = cells
      .filter(({ kind }) => kind === NotebookCellKind.Code)
      .map(({ document }) => document.uri);
    // A rejection means that the engine has ended; the next one is sent all notebooks.
    this.engine.client?.showNotebook(notebook.uri, code).catch(() => undefined);
  }
}
