import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import { CopyIndex } from "./copyIndex";
import { detachString } from "../tokenizer/detachString";

/** How far after the cursor text counts, in UTF-16 units. */
const maxSuffixChars = 32 * 1024;
/** It ends with a line if one ends this near. */
const nearLine = 4096;

/**
 * The text after a cursor, indexed for copying: from the end of the cursor's line on, as far as it
 * is near. What the cursor leaves alone stays indexed; the rest is taken off or put on line by line.
 */
export class SuffixIndex {
  readonly index: CopyIndex;
  /** The indexed text, and how much of the document lies behind it. */
  private text = "";
  private beyond = 0;
  /** Length of each line and how many tokens were in the index before it; the first line last. */
  private readonly lines: { length: number; before: number }[] = [];

  constructor(
    private readonly tokenizer: Tokenizer,
    firstText: number,
  ) {
    this.index = new CopyIndex(firstText, "backward");
  }

  /** @param rest the document from a line end after the cursor on, or nothing */
  update(rest: string): void {
    // The end of what is indexed stays where it is while the cursor does not go far.
    let end = rest.length - this.beyond;
    if (
      end > 2 * maxSuffixChars ||
      (this.beyond > 0 && end < maxSuffixChars / 2)
    ) {
      end = endNear(rest);
      this.beyond = rest.length - end;
    }
    const text = rest.slice(0, end);
    // As a rule only the line before it changes; strings are compared faster than characters.
    if (text === this.text) return;
    this.keep(commonSuffix(this.text, text));
    const added = text.slice(0, text.length - this.text.length);
    for (const line of linesOf(added).reverse()) {
      this.lines.push({ length: line.length, before: this.index.length });
      for (const token of this.encode(line).reverse()) this.index.append(token);
    }
    this.text = detachString(text);
  }

  /** Forgets the lines that do not lie in the last `length` characters whole. */
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
    // The CR at its end belongs to the next line's end; one at its start is a line end by itself.
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    return encode(this.tokenizer, bytesOfText(text.replace(/^\r/, "\n")));
  }
}

/** Where what counts of a text ends: with a line, unless that is so long that it is data. */
function endNear(rest: string): number {
  if (rest.length <= maxSuffixChars) return rest.length;
  const near = rest.slice(maxSuffixChars, maxSuffixChars + nearLine);
  const line = near.search(/[\r\n]/);
  return maxSuffixChars + Math.max(line, 0);
}

/** The lines, each with the line end before it: with its indentation that is one piece. */
function linesOf(text: string): string[] {
  return text.split(/(?=\n|\r[^\n])/).filter((line) => line !== "");
}

function commonSuffix(a: string, b: string): number {
  let length = 0;
  while (
    length < a.length &&
    length < b.length &&
    a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)
  )
    length++;
  return length;
}
