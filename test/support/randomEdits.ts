import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The replacement of the text between two UTF-16 offsets. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What is typed: what joins with its neighbours, what ends lines, what is half of something. */
const parts = [
  "a",
  "B",
  "_",
  // Parts of merges.
  "l",
  "et",
  "n",
  "let",
  "in",
  "return",
  "le",
  "1",
  "23",
  "456789",
  " ",
  "  ",
  "\t",
  "\n",
  "\n    ",
  "\n\n        ",
  "\r\n",
  "\r\n  ",
  "\r",
  "(",
  "((",
  ") {",
  "});",
  " => ",
  " = ",
  ";",
  '"',
  "é",
  "中文",
  "😀",
  "👩‍👩‍👧",
  "\ud83d",
  "\ude00",
  "\ufeff",
  "\0",
];

/** Real code, to paste from. */
const code = readFileSync(join(__dirname, "../../src/state/stateCache.ts"), {
  encoding: "utf8",
});

/** A source of edits as people make them, and of some that they do not. */
export class RandomEdits {
  /**
   * @param random uniform in [0, 1)
   * @param size documents grow to about so many UTF-16 units
   */
  constructor(
    private readonly random: () => number,
    private readonly size: number,
  ) {}

  /** Changes to be made one after the other, those of several cursors from the last one to the first. */
  next(text: string, cursor: number): Change[] {
    if (text.length > this.size) return [this.cut(text)];
    if (text.length < this.size / 2 && this.chance(0.3))
      return [this.paste(text)];
    const kinds = [
      () => [this.type(cursor)],
      () => [this.type(cursor)],
      () => [this.type(cursor)],
      () => [this.erase(text, cursor)],
      () => [this.replace(text)],
      () => this.severalCursors(text),
      () => [this.paste(text)],
      () => [this.cut(text)],
    ];
    // All line ends at once, and all of the text, are rare.
    if (this.chance(0.01)) return [this.turnLineEnds(text)];
    if (this.chance(0.002)) return [{ start: 0, end: text.length, text: "" }];
    return kinds[this.below(kinds.length)]!();
  }

  /** An integer, 0 … limit − 1. */
  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  private type(at: number): Change {
    const count = 1 + this.below(3);
    const text = Array.from({ length: count }, () => this.part()).join("");
    return { start: at, end: at, text };
  }

  private erase(text: string, cursor: number): Change {
    const length = 1 + this.below(12);
    return this.chance(0.7)
      ? { start: Math.max(0, cursor - length), end: cursor, text: "" }
      : {
          start: cursor,
          end: Math.min(text.length, cursor + length),
          text: "",
        };
  }

  private replace(text: string): Change {
    const start = this.below(text.length + 1);
    const end = Math.min(text.length, start + this.below(40));
    return { start, end, text: this.part() + this.part() };
  }

  private severalCursors(text: string): Change[] {
    const inserted = this.part();
    const places = new Set<number>();
    for (let n = 2 + this.below(5); n > 0; n--)
      places.add(this.below(text.length + 1));
    const overtyped = this.below(3);
    return [...places]
      .sort((a, b) => b - a)
      .map((start, i, all) => ({
        start,
        end: Math.min(start + overtyped, all[i - 1] ?? text.length),
        text: inserted,
      }));
  }

  private paste(text: string): Change {
    const at = this.below(text.length + 1);
    const from = this.below(code.length);
    const pasted = code.slice(from, from + this.below(this.size / 2));
    return { start: at, end: at, text: pasted };
  }

  private cut(text: string): Change {
    const start = this.below(text.length + 1);
    const end = Math.min(text.length, start + this.below(this.size / 2));
    return { start, end, text: "" };
  }

  private turnLineEnds(text: string): Change {
    const turned = text.includes("\r\n")
      ? text.replaceAll("\r\n", "\n")
      : text.replaceAll("\n", "\r\n");
    return { start: 0, end: text.length, text: turned };
  }

  private part(): string {
    return parts[this.below(parts.length)]!;
  }
}
