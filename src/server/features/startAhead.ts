import {
  InlineCompletionTriggerKind,
  Range,
  type DidChangeTextDocumentParams,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import { closerOf } from "../../text/brackets";
import { describe } from "../describe";
import { positionedIn, positionIn } from "../positioned";
import { documentInfo, type RequestGuesses, type Session } from "../session";

/** Milliseconds after a key at which VS Code asks for a suggestion. */
const requestDelayMs = 50;
/** Edits in a row after which no request came as expected, before the guess is no longer acted on. */
const mostUnasked = 3;

const quotes = "\"'`";

/** Where a request is expected. */
interface Expected {
  readonly uri: string;
  readonly version: number;
  /** UTF-16 units. */
  readonly offset: number;
}

/**
 * Starts to complete where the user types, before the editor asks for it: an editor waits a moment for the
 * next key. Where requests do not come as expected, only their places are guessed.
 */
export class StartAhead implements RequestGuesses {
  private expected: Expected | undefined;
  /** Edits since a request last came as expected. */
  private unasked = mostUnasked;
  private abort = new AbortController();

  /** @param session called when something happens */
  constructor(private readonly session: () => Session) {}

  edited(params: DidChangeTextDocumentParams): void {
    this.abort.abort();
    this.expected = this.expectedAfter(params);
    if (this.expected === undefined || this.unasked++ >= mostUnasked) return;
    this.abort = new AbortController();
    void this.start(this.expected, this.abort.signal);
  }

  asked({ textDocument, position, context }: InlineCompletionParams): void {
    const { expected } = this;
    const open = this.session().documents.get(textDocument.uri);
    const isExpected =
      expected !== undefined &&
      context.triggerKind === InlineCompletionTriggerKind.Automatic &&
      !context.selectedCompletionInfo &&
      open?.document.uri === expected.uri &&
      open.document.version === expected.version &&
      open.document.offsetAt(position) === expected.offset;
    if (isExpected) this.unasked = 0;
  }

  private async start(
    { uri, offset }: Expected,
    signal: AbortSignal,
  ): Promise<void> {
    const session = this.session();
    const { scope, documents, completer, project, readAhead } = session;
    const open = documents.get(uri)!;
    const aheadMs = requestDelayMs;
    try {
      const asked = positionIn(open, offset, "automatic", { aheadMs });
      const info = await documentInfo(session, open, signal);
      const found = await positionedIn(session, asked, info, signal);
      const isOver = [signal, scope.signal, open.closed].some(
        ({ aborted }) => aborted,
      );
      if (isOver || typeof found === "string") return;
      project.later();
      try {
        await completer.startAhead(
          found.context,
          found.inputs,
          scope.signal,
          aheadMs,
        );
      } finally {
        found.stopThinking();
        readAhead.later();
      }
    } catch (error) {
      if (!signal.aborted)
        session.connection.console.error(`starting ahead: ${describe(error)}`);
    }
  }

  /** Where the cursor is after a change that adds text; undefined if that is unknown. */
  private expectedAfter({
    textDocument: { uri },
    contentChanges,
  }: DidChangeTextDocumentParams): Expected | undefined {
    const [change, ...others] = contentChanges;
    if (change === undefined || others.length > 0) return undefined;
    if (!("range" in change) || !Range.is(change.range)) return undefined;
    const { document } = this.session().documents.get(uri)!;
    const before = cursorIn(change.text);
    if (before === undefined) return undefined;
    const offset = document.offsetAt(change.range.start) + before;
    return { uri, version: document.version, offset };
  }
}

/** UTF-16 units of an inserted text before the cursor; undefined if that may be anywhere, or if there is no text. */
function cursorIn(text: string): number | undefined {
  if (text === "") return undefined;
  // A bracket or quote that the editor has closed.
  const [first] = text;
  const closer = quotes.includes(first!) ? first : closerOf[first!];
  if (closer !== undefined && text === first + closer) return 1;
  // A line break between brackets, with the cursor on a line of its own.
  return /\n[ \t]*\r?\n[ \t]*$/.test(text) ? undefined : text.length;
}
