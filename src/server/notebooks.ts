import type { TextDocument } from "vscode-languageserver-textdocument";
import type { NotebookParams } from "../protocol";
import type { Documents, OpenDocument } from "./documents";

/** The text that the network reads between two cells. */
const gap = "\n\n";

/**
 * The notebooks that are open. A cell is a document of its own; the cells before it are its
 * context.
 */
export class Notebooks {
  private readonly byCell = new Map<string, NotebookParams>();

  constructor(private readonly documents: Documents) {}

  /** Sets the code cells of a notebook, in their order; an empty list: it is closed. */
  update(notebook: NotebookParams): void {
    for (const [cell, { uri }] of this.byCell)
      if (uri === notebook.uri) this.byCell.delete(cell);
    for (const cell of notebook.cells) this.byCell.set(cell, notebook);
  }

  /**
   * The key of a document's states: the cells of a notebook share one, since they share most
   * states.
   */
  keyOf(uri: string): string {
    return this.byCell.get(uri)?.uri ?? uri;
  }

  /**
   * The cells before a cell in the same language, which the network reads before it. None for other
   * documents.
   *
   * @param revision of the settings; only cells that may be read under them count
   */
  before({ document }: OpenDocument, revision: number): TextDocument[] {
    const { uri, languageId } = document;
    const cells = this.byCell.get(uri)?.cells ?? [];
    return cells
      .slice(0, Math.max(0, cells.indexOf(uri)))
      .flatMap((cell) => this.documents.get(cell) ?? [])
      .filter(
        (open) =>
          open.document.languageId === languageId &&
          open.isReadable(revision) &&
          !open.isOutOfStep,
      )
      .map((open) => open.document);
  }

  /** The text of the cells before a cell, as the network reads it before the cell's own. */
  textBefore(open: OpenDocument, revision: number): string {
    return this.before(open, revision)
      .map((cell) => cell.getText() + gap)
      .join("");
  }
}
