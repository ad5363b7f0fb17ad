import {
  NotebookCellKind,
  workspace,
  type Disposable,
  type NotebookDocument,
} from "vscode";
import type { EngineClient } from "./engineClient";
import type { Supervisor } from "./supervisor";

/** Tells each engine which cells make up a notebook: the protocol opens them one by one. */
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

  /** Tells an engine that has just started of all that are open. */
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
    // A rejection means that the engine ended meanwhile; the next one is told anew.
    this.engine.client?.showNotebook(notebook.uri, code).catch(() => undefined);
  }
}
