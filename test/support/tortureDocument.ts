import assert from "node:assert/strict";
import { PromptWindow } from "../../src/runtime/promptWindow";
import {
  bytesOfText,
  encode,
  type Tokenizer,
} from "../../src/tokenizer/tokenizer";
import type { Change } from "./randomEdits";

/** Shorter texts are read whole; of longer ones the window has at least the last `leastRead`. */
const readWhole = 256 * 1024;
const leastRead = 16 * 1024;
const undoable = 50;

/** A text that is edited, with undo and redo, and the window that follows it as in the server. */
export class TortureDocument {
  cursor = 0;
  private window: PromptWindow;
  private readonly done: Change[][] = [];
  private readonly undone: Change[][] = [];

  /** @param start tokens before the text */
  constructor(
    readonly key: string,
    private readonly tokenizer: Tokenizer,
    readonly start: readonly number[],
    public text: string,
  ) {
    this.window = new PromptWindow(tokenizer, start);
    this.cursor = text.length;
  }

  edit(changes: readonly Change[]): void {
    this.done.push(this.apply(changes));
    if (this.done.length > undoable) this.done.shift();
    this.undone.length = 0;
  }

  undo(): void {
    const changes = this.done.pop();
    if (changes !== undefined) this.undone.push(this.apply(changes));
  }

  redo(): void {
    const changes = this.undone.pop();
    if (changes !== undefined) this.done.push(this.apply(changes));
  }

  /** As when it is closed and opened: nothing is known of its tokens. */
  reopen(): void {
    this.window = new PromptWindow(this.tokenizer, this.start);
  }

  /**
   * The tokens before an offset.
   *
   * @throws AssertionError unless they are those of a fresh tokenisation
   */
  tokensBefore(offset: number): number[] {
    const tokens = this.window.tokensBefore(this.text, offset);
    // Half a line end or character at the end may become whole.
    const whole = bytesOfText(
      this.text
        .slice(0, offset)
        .replace(/[\r\ud800-\udbff]$/, "")
        .replaceAll("\r\n", "\n"),
    );
    let length = 0;
    for (const token of tokens.slice(this.start.length))
      length += this.tokenizer.bytesOf(token).length;
    if (this.text.length <= readWhole) assert.equal(length, whole.length);
    else assert.ok(length >= Math.min(whole.length, leastRead));
    const read = whole.subarray(whole.length - length);
    const fresh = [...this.start, ...encode(this.tokenizer, read)];
    // Much faster than to compare them all.
    const isSame =
      fresh.length === tokens.length &&
      fresh.every((id, i) => id === tokens[i]);
    if (!isSame) assert.deepEqual(tokens, fresh);
    return tokens;
  }

  /** @returns what takes the changes back */
  private apply(changes: readonly Change[]): Change[] {
    const back: Change[] = [];
    for (const { start, end, text } of changes) {
      back.unshift({
        start,
        end: start + text.length,
        text: this.text.slice(start, end),
      });
      this.window.edit(start, end, text);
      this.text = this.text.slice(0, start) + text + this.text.slice(end);
      this.cursor = start + text.length;
    }
    return back;
  }
}
