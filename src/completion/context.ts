import type { Settings } from "../protocol";

/** Characters of text that the rules look at, on either side of the cursor. */
const nearBefore = 16 * 1024;
const nearAfter = 8 * 1024;

/** The text around the place of a suggestion, line ends as LF, bounded in length. */
export interface Surroundings {
  readonly languageId: string;
  readonly before: string;
  /** Whether `before` reaches back to the start of the document. */
  readonly beforeIsWhole: boolean;
  readonly after: string;
  /** The line's text on either side of the cursor. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
}

export interface DocumentInfo {
  readonly uri: string;
  /** Relative to the workspace folder, `/`-separated. */
  readonly path: string;
  readonly languageId: string;
  readonly settings: Settings;
}

/** What is known of a request when it arrives. */
export interface CompletionRequest extends DocumentInfo {
  /** The whole text, as the editor has it. */
  readonly text: string;
  /** The cursor, a UTF-16 offset; one beyond the text counts as its end. */
  readonly offset: number;
  readonly trigger: "automatic" | "invoked";
  /** Whether the last edit only took text away. */
  readonly afterDeletion: boolean;
  /** The item chosen in the list of completions; a suggestion has to extend it. */
  readonly selectedItem?: {
    readonly start: number;
    readonly end: number;
    readonly text: string;
  };
}

/** All that the ladder knows of one request; built once and never changed. */
export interface CompletionContext extends CompletionRequest, Surroundings {
  /** The text between these offsets is replaced; without a selected item both are the cursor. */
  readonly start: number;
  readonly end: number;
  /** Text of the selected item, which stands in `before` as if it had been typed; else empty. */
  readonly selectedText: string;
  /** The document's line end. */
  readonly eol: "\n" | "\r\n";
}

export function createContext(request: CompletionRequest): CompletionContext {
  const { text, selectedItem } = request;
  const offset = Math.min(Math.max(request.offset, 0), text.length);
  const start = selectedItem?.start ?? offset;
  const end = selectedItem?.end ?? offset;
  const selectedText = selectedItem?.text ?? "";
  const from = Math.max(0, start - nearBefore);
  return {
    ...request,
    ...surroundings(
      request.languageId,
      text.slice(from, start) + selectedText,
      text.slice(end, end + nearAfter),
      from === 0,
    ),
    offset,
    start,
    end,
    selectedText,
    eol: lineEndOf(text),
  };
}

/** The surroundings of a place between two texts. */
export function surroundings(
  languageId: string,
  textBefore: string,
  textAfter: string,
  beforeIsWhole = true,
): Surroundings {
  const before = normalised(textBefore);
  const after = normalised(textAfter);
  const lineEnd = after.indexOf("\n");
  return {
    languageId,
    before,
    beforeIsWhole,
    after,
    linePrefix: before.slice(before.lastIndexOf("\n") + 1),
    lineSuffix: lineEnd < 0 ? after : after.slice(0, lineEnd),
  };
}

/** The text behind the line of `offset`, with the LF before it; empty on the last line. */
export function suffixAfterLine(text: string, offset: number): string {
  const lineEnd = text.indexOf("\n", offset);
  return lineEnd < 0 ? "" : text.slice(lineEnd);
}

/** The line end that the first line of `text` uses. */
export function lineEndOf(text: string): "\n" | "\r\n" {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}

/** As the model reads text: line ends are LF. */
function normalised(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}
