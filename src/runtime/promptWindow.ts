import { detachString } from "../tokenizer/detachString";
import { TokenisedDocument } from "../tokenizer/tokenisedDocument";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { splitsPair } from "../text/surrogates";

/** The longest text before a position that its prompt may hold, in UTF-16 units. */
export const maxDistance = 256 * 1024;
/** UTF-16 units before the cursor in a new window of a long document. */
const freshBefore = maxDistance / 4;
/** With fewer units before the cursor, a window that starts after the document's start is replaced. */
const leastBefore = maxDistance / 16;
/** UTF-16 units after the cursor in a new window, so that the cursor can move on within it. */
const freshAfter = maxDistance / 2;
/** A window starts at the next start of a line within so many units, if there is one. */
const nearLine = 4096;
/** UTF-16 units tokenised between two yields: about two milliseconds. */
const tokeniseChars = 4096;

/** A part of a document, between two UTF-16 offsets. */
interface Window {
  readonly tokens: TokenisedDocument;
  from: number;
  to: number;
}

/**
 * The tokens before a cursor in a document of any length: those of a window of bounded size around the
 * cursor. The window's start stays the same while the user types, so that states can be reused.
 */
export class PromptWindow {
  private window: Window | undefined;

  /** @param start tokens that are read before the text, such as those of its path */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly start: readonly number[],
  ) {}

  /** Number of tokens at a prompt's start that are no text. */
  get startLength(): number {
    return this.start.length;
  }

  /** Start and text tokens before `offset`; `text` is the document after all calls of `edit`. */
  tokensBefore(text: string, offset: number): number[] {
    const { tokens, from } = this.windowAt(text, offset);
    return tokens.tokensBefore(offset - from);
  }

  /**
   * Prepares `tokensBefore` in steps of a few thousand characters, between which other work can run. An
   * edit between two steps ends it.
   */
  *approach(text: string, offset: number): Iterable<void> {
    const { tokens, from } = this.windowAt(text, offset);
    const target = offset - from;
    for (let end = tokens.keptLength; (end += tokeniseChars) < target;) {
      tokens.tokensBefore(end);
      yield;
    }
  }

  /** The largest offset for which `tokensBefore` keeps the present window. */
  get end(): number {
    const { window } = this;
    return window === undefined
      ? 0
      : Math.min(window.to, window.from + maxDistance);
  }

  /** Updates the window after the text between two offsets was replaced. */
  edit(start: number, end: number, replacement: string): void {
    const { window } = this;
    if (window === undefined || start > window.to) return;
    const growth = replacement.length - (end - start);
    if (end <= window.from && start < window.from) {
      window.from += growth;
      window.to += growth;
    } else if (start >= window.from && end <= window.to) {
      window.tokens.edit(start - window.from, end - window.from, replacement);
      window.to += growth;
    } else {
      this.window = undefined;
    }
  }

  private windowAt(text: string, offset: number): Window {
    if (this.window === undefined || !this.serves(this.window, offset))
      this.window = this.open(text, offset);
    return this.window;
  }

  private serves({ from, to }: Window, offset: number): boolean {
    const before = offset - from;
    return (
      before >= (from === 0 ? 0 : leastBefore) &&
      before <= maxDistance &&
      offset <= to
    );
  }

  private open(text: string, offset: number): Window {
    const from =
      offset <= maxDistance ? 0 : startNear(text, offset - freshBefore);
    const to = Math.min(text.length, offset + freshAfter);
    return {
      tokens: new TokenisedDocument(
        this.tokenizer,
        this.start,
        detachString(text.slice(from, to)),
      ),
      from,
      to,
    };
  }
}

/** The start of a line at or soon after `offset`; else the nearest start of a character. */
function startNear(text: string, offset: number): number {
  const [line] = /[^\r\n]*(?:\r\n?|\n)/.exec(
    text.slice(offset, offset + nearLine),
  ) ?? [""];
  if (line !== "") return offset + line.length;
  return splitsPair(text, offset) ? offset + 1 : offset;
}
