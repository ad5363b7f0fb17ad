import { splitsWord } from "../../src/text/words";
import { share } from "./share";
import {
  closedAtEach,
  breaksLine,
  hasTaken,
  rightAt,
  type TypedLine,
} from "./typedLine";

/** Letters of a name that make the cursor stand inside it. */
const leastTyped = 2;

/** How good what is on the screen is; shares, null where nothing was counted. */
export interface ShownFigures {
  /** Keys pressed, those that take what is shown included. */
  readonly keys: number;
  /** Keys after which something is shown, of all. The next three are shares of these. */
  readonly share: number | null;
  readonly firstWordRight: number | null;
  readonly wholeRight: number | null;
  /** Characters shown that are right, of all shown. */
  readonly charactersRight: number | null;
  /** Of what is shown inside a name: the first word is right. */
  readonly insideNameRight: number | null;
  /** Of what is shown with a line break: all is right. */
  readonly multiLineRight: number | null;
  /** 1 − keys ÷ characters of the lines. */
  readonly keystrokesSaved: number | null;
  /** Of what is shown with text right of the cursor: brackets or quotes of the line are others. */
  readonly lineBroken: number | null;
  /** Of what is shown where a parser is there: it adds an error. */
  readonly syntaxErrorsAdded: number | null;
  /** Keys that are typed and at which the text on the screen is replaced by another one, of all. */
  readonly changes: number | null;
  /** … although the key was the next character of it. */
  readonly changesTypedAlong: number | null;
  /** Of what is shown: it has a line break. */
  readonly multiLineShare: number | null;
}

/** The counts from which the figures are computed, summed over typed lines. */
export class ShownCounts {
  keys = 0;
  shown = 0;
  firstWordRight = 0;
  wholeRight = 0;
  characters = 0;
  charactersRight = 0;
  insideName = 0;
  insideNameRight = 0;
  multiLine = 0;
  multiLineRight = 0;
  lineCharacters = 0;
  lineKeys = 0;
  beforeText = 0;
  lineBroken = 0;
  parsed = 0;
  syntaxErrors = 0;
  changes = 0;
  changesTypedAlong = 0;

  add(other: ShownCounts): void {
    for (const key of Object.keys(this) as CountName[]) this[key] += other[key];
  }

  get figures(): ShownFigures {
    return {
      keys: this.keys,
      share: share(this.shown, this.keys),
      firstWordRight: share(this.firstWordRight, this.shown),
      wholeRight: share(this.wholeRight, this.shown),
      charactersRight: share(this.charactersRight, this.characters),
      insideNameRight: share(this.insideNameRight, this.insideName),
      multiLineRight: share(this.multiLineRight, this.multiLine),
      keystrokesSaved: share(
        this.lineCharacters - this.lineKeys,
        this.lineCharacters,
      ),
      lineBroken: share(this.lineBroken, this.beforeText),
      syntaxErrorsAdded: share(this.syntaxErrors, this.parsed),
      changes: share(this.changes, this.keys),
      changesTypedAlong: share(this.changesTypedAlong, this.keys),
      multiLineShare: share(this.multiLine, this.shown),
    };
  }
}

type CountName = {
  [K in keyof ShownCounts]: ShownCounts[K] extends number ? K : never;
}[keyof ShownCounts];

/** Counts all that was on the screen while a line was typed. */
export function countShown(typed: TypedLine): ShownCounts {
  const counts = new ShownCounts();
  const { line, screens } = typed;
  const closed = closedAtEach(line.text, typed.isClosing);
  screens.forEach(({ typed: at, shown, addsError }, key) => {
    counts.keys++;
    if (shown === "") return;

    const place = closed[at]!;
    const last = screens[key - 1];
    const isTyped = last !== undefined && !hasTaken(last.typed, at);
    if (isTyped && last.shown !== "") {
      const key = line.text.slice(last.typed, at);
      const isAlong = last.shown.startsWith(key);
      // A suggestion that only grows is not counted as replaced.
      if (!isAlong || !shown.startsWith(last.shown.slice(key.length))) {
        counts.changes++;
        counts.changesTypedAlong += Number(isAlong);
      }
    }
    const right = rightAt(line, at, place);
    const isFirstWordRight = startsWithWords(right, firstWord(shown));
    const isWholeRight = startsWithWords(right, shown);
    counts.shown++;
    counts.firstWordRight += Number(isFirstWordRight);
    counts.wholeRight += Number(isWholeRight);
    counts.characters += shown.length;
    counts.charactersRight += sharedLength(shown, right);
    if (isInsideName(line.text, at)) {
      counts.insideName++;
      counts.insideNameRight += Number(isFirstWordRight);
    }
    if (shown.includes("\n")) {
      counts.multiLine++;
      counts.multiLineRight += Number(isWholeRight);
    }
    if (place.closers !== "") {
      counts.beforeText++;
      const isBroken = breaksLine(line.text.slice(0, at), shown, place.closers);
      counts.lineBroken += Number(isBroken);
    }
    if (addsError !== undefined) {
      counts.parsed++;
      counts.syntaxErrors += Number(addsError);
    }
  });
  counts.lineCharacters = [...line.text].length;
  counts.lineKeys = screens.length;
  return counts;
}

/** White space and the word, or the run of other characters, that comes first. */
export function firstWord(text: string): string {
  return /^\s*(?:[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]+)?/u.exec(text)![0];
}

/** Whether a text starts with another one and no word goes on behind it. */
function startsWithWords(text: string, start: string): boolean {
  return text.startsWith(start) && !splitsWord(text, start.length);
}

/** Whether two or more characters of a name stand before a place, and more of it comes. */
function isInsideName(line: string, at: number): boolean {
  const before = /[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.exec(line.slice(0, at));
  return (
    before !== null && before[0].length >= leastTyped && splitsWord(line, at)
  );
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
