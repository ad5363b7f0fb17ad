import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import { commonEnd } from "../text/inCommon";
import { CopyIndex } from "./copyIndex";
import { detachString } from "../tokenizer/detachString";

/** UTF-16 units after the cursor that are indexed, at most. */
export const maxSuffixChars = 32 * 1024;
/** The indexed text is extended to the next line end within so many UTF-16 units. */
const nearLine = 4096;

/**
 * An index of the text after a cursor, from the end of the cursor's line on, at most some 32 K units.
 * An update keeps the lines that did not change, and removes and adds the others at the cursor.
 */
export class SuffixIndex {
  readonly index: CopyIndex;
  /** The indexed text, and the number of UTF-16 units of the document after it. */
  private text = "";
  private beyond = 0;
  /** For each line, the first one last: its length, and the index's length before it was added. */
  private readonly lines: { length: number; before: number }[] = [];

  constructor(
    private readonly tokenizer: Tokenizer,
    firstText: number,
  ) {
    this.index = new CopyIndex(firstText, "backward");
  }

  /** @param rest the document from the next line end after the cursor on; may be empty */
  update(rest: string): void {
    // The end of the indexed text stays where it is unless the cursor has moved far.
    let end = rest.length - this.beyond;
    if (
      end > 2 * maxSuffixChars ||
      (this.beyond > 0 && end < maxSuffixChars / 2)
    ) {
      end = endNear(rest);
      this.beyond = rest.length - end;
    }
    const text = rest.slice(0, end);
    // Mostly only the cursor's own line has changed; comparing whole strings is fast.
    if (text === this.text) return;
    this.keep(commonEnd(this.text, text));
    const added = text.slice(0, text.length - this.text.length);
    for (const line of linesOf(added).reverse()) {
      this.lines.push({ length: line.length, before: this.index.length });
      for (const token of this.encode(line).reverse()) this.index.append(token);
    }
    this.text = detachString(text);
  }

  /** Keeps the whole lines among the last `length` characters. */
  private keep(length: number): void {
    let kept = this.text.length;
    while (kept > length) {
      const line = this.lines.pop()!;
      kept -= line.length;
      this.index.truncate(line.before);
    }
    this.text = this.text.slice(this.text.length - kept);
  }

  private encode(line: string): number[] {
    // A CR at the end is the first half of the next line end; one at the start is a line end.
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    return encode(this.tokenizer, bytesOfText(text.replace(/^\r/, "\n")));
  }
}

/** End of the part to index: at a line end, unless the line is too long to be source text. */
function endNear(rest: string): number {
  if (rest.length <= maxSuffixChars) return rest.length;
  const near = rest.slice(maxSuffixChars, maxSuffixChars + nearLine);
  const line = near.search(/[\r\n]/);
  return maxSuffixChars + Math.max(line, 0);
}

/** The lines, each with the line end before it, as the tokenizer joins a line end and indentation. */
function linesOf(text: string): string[] {
  return text.split(/(?=\n|\r[^\n])/).filter((line) => line !== "");
}
