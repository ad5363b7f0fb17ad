import type { NoSuggestionReason, Settings } from "../protocol";
import type { Syntax } from "../syntax/syntax";
import { lineFeeds } from "../text/lineFeeds";
import { minConfidence, type MinConfidence } from "./confidence";
import { fitsAt, type Fits } from "./fits";

/** Characters before and after the cursor that the rules see. */
const nearBefore = 16 * 1024;
const nearAfter = 8 * 1024;

/** A line end of the Language Server Protocol. */
export type LineEnd = "\n" | "\r\n" | "\r";

/** The text around the position of a suggestion, line ends as LF, bounded in length. */
export interface Surroundings {
  readonly languageId: string;
  readonly before: string;
  /** Whether `before` reaches back to the start of the document. */
  readonly beforeIsWhole: boolean;
  readonly after: string;
  /** The line's text on either side of the cursor. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** How much of a text can be inserted here; absent if no parser has read the document. */
  readonly fits?: Fits;
}

export interface DocumentInfo {
  readonly uri: string;
  /** Relative to the workspace folder, `/`-separated. */
  readonly path: string;
  readonly languageId: string;
  readonly settings: Settings;
  /** Why the document must not be read, for any purpose; undefined if it may be read. */
  readonly refusedAccess: NoSuggestionReason | undefined;
}

/** The inputs of one request. */
export interface CompletionRequest extends DocumentInfo {
  /** The whole text, as the editor has it. */
  readonly text: string;
  /** The cursor, a UTF-16 offset; one beyond the text counts as its end. */
  readonly offset: number;
  readonly trigger: "automatic" | "invoked";
  /** Whether the last edit only took text away. */
  readonly afterDeletion: boolean;
  /**
   * Identifies the other inputs of a suggestion: model, versions of other files. A remembered suggestion
   * is forgotten when this changes.
   */
  readonly environment: string;
  /** Absent if no parser has read the document. */
  readonly syntax?: Syntax;
  /** Whether text may be sent to a completion server; called right before sending. Absent: it may not. */
  readonly mayLeave?: () => boolean;
  /** Offset in `text` at which the text of `syntax` begins; 0 by default. */
  readonly syntaxStart?: number;
  readonly selectedItem?: SelectedItem;
}

/** The item chosen in the list of completions; a suggestion has to extend it. */
export interface SelectedItem {
  /** What the item replaces, UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The inputs of one request with what follows from them; built once, never changed. */
export interface CompletionContext extends CompletionRequest, Surroundings {
  /** The text between these offsets is replaced; without a selected item both are the cursor. */
  readonly start: number;
  readonly end: number;
  /** Text of the selected item, which stands in `before` as if it had been typed; else empty. */
  readonly selectedText: string;
  /** The document's line end. */
  readonly eol: LineEnd;
  /** How likely a suggestion has to be. */
  readonly minConfidence: MinConfidence;
}

export function createContext(request: CompletionRequest): CompletionContext {
  const { text, settings, trigger, selectedItem } = request;
  const { syntax, syntaxStart = 0 } = request;
  const offset = Math.min(Math.max(request.offset, 0), text.length);
  const start = selectedItem?.start ?? offset;
  const end = selectedItem?.end ?? offset;
  const selectedText = selectedItem?.text ?? "";
  return {
    ...request,
    ...surroundingsAt(request.languageId, text, start, end, selectedText),
    ...(syntax && {
      fits: fitsAt(
        syntax,
        start - syntaxStart,
        end - syntaxStart,
        selectedText,
        trigger,
      ),
    }),
    offset,
    start,
    end,
    selectedText,
    eol: lineEndOf(text),
    minConfidence: minConfidence(settings.suggestions, trigger),
  };
}

/** The surroundings of a position in a text; `chosen` takes the place of the text from `start` to `end`. */
export function surroundingsAt(
  languageId: string,
  text: string,
  start: number,
  end = start,
  chosen = "",
): Surroundings {
  const from = Math.max(0, start - nearBefore);
  const before = lineFeeds(text.slice(from, start) + chosen);
  const after = lineFeeds(text.slice(end, end + nearAfter));
  const lineEnd = after.indexOf("\n");
  return {
    languageId,
    before,
    beforeIsWhole: from === 0,
    after,
    linePrefix: before.slice(before.lastIndexOf("\n") + 1),
    lineSuffix: lineEnd < 0 ? after : after.slice(0, lineEnd),
  };
}

/** The text after the line of `offset`, with the line end before it; empty on the last line. */
export function suffixAfterLine(text: string, offset: number): string {
  const lf = text.indexOf("\n", offset);
  const end = lf < 0 ? text.length : lf;
  const cr = text.slice(offset, end).indexOf("\r");
  if (cr >= 0 && offset + cr + 1 < end) return text.slice(offset + cr);
  return lf >= 0 ? text.slice(lf) : cr >= 0 ? text.slice(offset + cr) : "";
}

/** The line end that the first line of `text` uses. */
export function lineEndOf(text: string): LineEnd {
  const lf = text.indexOf("\n");
  const cr = (lf < 0 ? text : text.slice(0, lf)).indexOf("\r");
  if (cr < 0) return "\n";
  return cr === lf - 1 ? "\r\n" : "\r";
}
