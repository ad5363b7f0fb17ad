import type { NotebookParams } from "../protocol";
import type { Documents, OpenDocument } from "./documents";

/** Between two cells. */
const gap = "\n\n";

/** What is read before a cell. */
export interface CellsBefore {
  readonly uris: readonly string[];
  readonly text: string;
}

/** The notebooks that are open. A cell is a document of its own; what it is about stands in those before it. */
export class Notebooks {
  private readonly byCell = new Map<string, NotebookParams>();

  constructor(private readonly documents: Documents) {}

  /** Takes note of a notebook's cells of code, in their order; none: it is closed. */
  update(notebook: NotebookParams): void {
    for (const [cell, { uri }] of this.byCell)
      if (uri === notebook.uri) this.byCell.delete(cell);
    for (const cell of notebook.cells) this.byCell.set(cell, notebook);
  }

  /** Under which the states of a document are kept: the cells of a notebook have most of theirs in common. */
  keyOf(uri: string): string {
    return this.byCell.get(uri)?.uri ?? uri;
  }

  /**
   * The cells before a cell in the same language, and their text, which the network reads before the
   * cell's own. None for other documents.
   *
   * @param revision of the settings by which they have to be readable
   */
  before({ document }: OpenDocument, revision: number): CellsBefore {
    const { uri, languageId } = document;
    const cells = this.byCell.get(uri)?.cells ?? [];
    const before = cells
      .slice(0, Math.max(0, cells.indexOf(uri)))
      .flatMap((cell) => this.documents.get(cell) ?? [])
      .filter(
        (open) =>
          open.document.languageId === languageId &&
          open.isReadable(revision) &&
          !open.isOutOfStep,
      )
      .map((open) => open.document);
    return {
      uris: before.map((cell) => cell.uri),
      text: before.map((cell) => cell.getText() + gap).join(""),
    };
  }
}
