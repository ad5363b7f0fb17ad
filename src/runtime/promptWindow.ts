import { detachString } from "../tokenizer/detachString";
import { TokenisedDocument } from "../tokenizer/tokenisedDocument";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { splitsPair } from "../text/surrogates";

/** The farthest back that text counts, in UTF-16 units. */
const maxDistance = 256 * 1024;
/** How much text a fresh window of a longer document has before the cursor. */
const freshBefore = maxDistance / 4;
/** With less than this before the cursor, a window that does not start the document is renewed. */
const leastBefore = maxDistance / 16;
/** How far after the cursor a window goes on, so that one can move without renewing it. */
const freshAfter = maxDistance / 2;
/** A window starts at the start of a line if there is one this near. */
const nearLine = 4096;
/** UTF-16 units that are tokenised at once where there is time: about two milliseconds. */
const tokeniseChars = 4096;

/** A part of a document, between two UTF-16 offsets. */
interface Window {
  readonly tokens: TokenisedDocument;
  from: number;
  to: number;
}

/**
 * The tokens before a cursor, for documents of any length: a window of bounded size follows the
 * cursor. Its start stays where it is while one types, so that the model's state can be reused.
 */
export class PromptWindow {
  private window: Window | undefined;

  /** @param start tokens that stand before the text */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly start: readonly number[],
  ) {}

  /** How many tokens of a prompt are no text. */
  get startLength(): number {
    return this.start.length;
  }

  /** Tokens of the text before `offset`; `text` is the document with all edits told before. */
  tokensBefore(text: string, offset: number): number[] {
    const { tokens, from } = this.windowAt(text, offset);
    return tokens.tokensBefore(offset - from);
  }

  /**
   * Prepares `tokensBefore` a few thousand characters at a time, so that other work can come between
   * two steps. An edit in between ends it.
   */
  *approach(text: string, offset: number): Iterable<void> {
    const { tokens, from } = this.windowAt(text, offset);
    const target = offset - from;
    for (let end = tokens.keptLength; (end += tokeniseChars) < target;) {
      tokens.tokensBefore(end);
      yield;
    }
  }

  /** How far a place in the document may lie for `tokensBefore` to keep what it has, an offset. */
  get end(): number {
    const { window } = this;
    return window === undefined
      ? 0
      : Math.min(window.to, window.from + maxDistance);
  }

  /** Follows the replacement of the text between two offsets of the document. */
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
