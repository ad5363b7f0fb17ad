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
  private told: EngineClient | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "client" | "onDidChangeStatus">,
  ) {
    this.subscriptions = [
      workspace.onDidOpenNotebookDocument((notebook) => this.tell(notebook)),
      workspace.onDidCloseNotebookDocument((notebook) =>
        this.tell(notebook, []),
      ),
      workspace.onDidChangeNotebookDocument((change) => {
        if (change.contentChanges.length > 0) this.tell(change.notebook);
      }),
      engine.onDidChangeStatus(() => this.tellAll()),
    ];
    this.tellAll();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Tells an engine that has just started of all that are open. */
  private tellAll(): void {
    const { client } = this.engine;
    if (client === this.told) return;
    this.told = client;
    for (const notebook of workspace.notebookDocuments) this.tell(notebook);
  }

  private tell(notebook: NotebookDocument, cells = notebook.getCells()): void {
    const code = cells
      .filter(({ kind }) => kind === NotebookCellKind.Code)
      .map(({ document }) => document.uri);
    // A rejection means that the engine ended meanwhile; the next one is told anew.
    this.engine.client?.showNotebook(notebook.uri, code).catch(() => undefined);
  }
}
