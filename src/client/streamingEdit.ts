import {
  Position,
  Range,
  workspace,
  type Disposable,
  type TextDocumentContentChangeEvent,
  type TextEditor,
} from "vscode";
import { advance, sameButForLineBreaks } from "./textPosition";

/**
 * Writes text into an editor piece by piece, as one undo step. Any other change of the document ends
 * it: nothing more is inserted.
 */
export class StreamingEdit implements Disposable {
  private end: Position;
  private waiting = "";
  private inFlight: string | undefined;
  private writing: Promise<void> | undefined;
  private begun = false;
  private over = false;
  private readonly subscription: Disposable;

  constructor(
    private readonly editor: TextEditor,
    position: Position,
    private readonly onInterrupted: () => void,
  ) {
    this.end = position;
    this.subscription = workspace.onDidChangeTextDocument(
      ({ document, contentChanges }) => {
        if (
          document === editor.document &&
          contentChanges.length > 0 &&
          !this.isOwn(contentChanges)
        ) {
          this.interrupt();
        }
      },
    );
  }

  /** Inserts a piece after the previous ones. Pieces that wait for a running edit are inserted together. */
  push(text: string): void {
    if (this.over || text === "") return;
    this.waiting += text;
    this.writing ??= this.drain().finally(() => (this.writing = undefined));
  }

  /** Ends the undo step. Resolves when all pieces are in the document, or it was interrupted. */
  async finish(): Promise<void> {
    await this.writing;
    if (this.over || !this.begun) return;
    // The last piece was inserted without an undo stop after it, since it was not known to be the last.
    // An empty edit adds the stop.
    await this.insert("", { undoStopBefore: false, undoStopAfter: true });
    this.over = true;
  }

  dispose(): void {
    this.over = true;
    this.subscription.dispose();
  }

  private async drain(): Promise<void> {
    while (this.waiting !== "" && !this.over) {
      const text = this.waiting;
      this.waiting = "";
      this.inFlight = text;
      const done = await this.insert(text, {
        undoStopBefore: !this.begun,
        undoStopAfter: false,
      });
      this.inFlight = undefined;
      if (!done) this.interrupt();
      else this.begun = true;
    }
  }

  private async insert(
    text: string,
    undo: { undoStopBefore: boolean; undoStopAfter: boolean },
  ): Promise<boolean> {
    const at = this.end;
    try {
      const done = await this.editor.edit(
        (edit) => edit.insert(at, text),
        undo,
      );
      if (done && !this.over && text !== "") this.moveEnd(at, text);
      return done;
    } catch {
      // The editor was closed or shows another document.
      return false;
    }
  }

  /** Moves the end behind the inserted text, and scrolls there if the cursor is at the end, too. */
  private moveEnd(start: Position, text: string): void {
    const { line, character } = advance(start, text);
    this.end = new Position(line, character);
    if (this.editor.selection.active.isEqual(this.end))
      this.editor.revealRange(new Range(this.end, this.end));
  }

  /** Whether a change of the document is the insertion of the piece in flight. */
  private isOwn(changes: readonly TextDocumentContentChangeEvent[]): boolean {
    const [change] = changes;
    return (
      changes.length === 1 &&
      change !== undefined &&
      this.inFlight !== undefined &&
      change.rangeLength === 0 &&
      change.range.start.isEqual(this.end) &&
      sameButForLineBreaks(change.text, this.inFlight)
    );
  }

  private interrupt(): void {
    if (this.over) return;
    this.over = true;
    this.waiting = "";
    this.onInterrupted();
  }
}
