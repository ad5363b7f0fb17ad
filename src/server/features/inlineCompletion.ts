import {
  Position,
  Range,
  type InlineCompletionList,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import type { GenerationInputs } from "../../completion/completer";
import { createContext, type DocumentInfo } from "../../completion/context";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import {
  confidenceOf,
  silent,
  type Suggestion,
} from "../../completion/suggestion";
import { asInsertText, asSelectedItem, asTrigger } from "../converters";
import { acceptedCommand } from "../../protocol";
import { generationInputs } from "../generationInputs";
import { documentInfo, type GivenSuggestion, type Session } from "../session";
import { detachString } from "../../tokenizer/detachString";

/** UTF-16 units before a suggestion by which its place is found again. */
const beforeLength = 256;

/** Answers `textDocument/inlineCompletion`. Never throws: what goes wrong is in the log. */
export async function inlineCompletion(
  session: Session,
  params: InlineCompletionParams,
  signal: AbortSignal,
): Promise<InlineCompletionList> {
  const began = performance.now();
  const id = session.events.nextId();
  const { suggestion, place, info, insertText, range, given } = await answer(
    session,
    params,
    id,
    signal,
  );
  const ms = performance.now() - began;
  const { reason, stop, timings, error } = suggestion;
  const isShown = suggestion.text !== "";
  session.events.publish(
    {
      kind: "inline completion",
      id,
      place,
      uri: info?.uri,
      languageId: info?.languageId,
      model: info?.settings.model,
      reason,
      stop,
      ...(isShown && { confidence: confidenceOf(suggestion) }),
      ms,
      timings,
    },
    error,
  );
  if (!isShown) return { items: [] };
  if (given) session.given = { ...given, suggestion, ms };
  const command = {
    command: acceptedCommand,
    title: "RWKV",
    arguments: [id],
  };
  return { items: [{ insertText, range, command }] };
}

interface Answer {
  readonly suggestion: Suggestion;
  /** For people. */
  readonly place: string;
  readonly info: DocumentInfo | undefined;
  /** What replaces `range`, in the document that was asked about. */
  readonly insertText: string;
  readonly range: Range;
  /** What is remembered of it. */
  readonly given?: Omit<GivenSuggestion, "suggestion" | "ms">;
}

/** Never throws. */
async function answer(
  session: Session,
  params: InlineCompletionParams,
  id: number,
  signal: AbortSignal,
): Promise<Answer> {
  let place = "";
  let info: DocumentInfo | undefined;
  const none = (reason: NoSuggestionReason, error?: unknown): Answer => ({
    suggestion: silent(reason, error === undefined ? {} : { error }),
    place,
    info,
    insertText: "",
    range: Range.create(0, 0, 0, 0),
  });
  let stopThinking: (() => void) | undefined;
  try {
    const { textDocument, position, context } = params;
    const { uri } = textDocument;
    if (!Position.is(position))
      throw new Error("the request's position is malformed");
    const open = session.documents.get(uri);
    if (open === undefined) return none("unknown document");

    // The document as it is now, at the position asked about: it may change while settings come.
    const { document, afterDeletion } = open;
    const { version } = document;
    const text = document.getText();
    const offset = document.offsetAt(position);
    const selectedItem = asSelectedItem(context, document);
    const range = Range.create(
      document.positionAt(selectedItem?.start ?? offset),
      document.positionAt(selectedItem?.end ?? offset),
    );

    const known = await documentInfo(session, open, signal);
    info = known;
    place = `${known.path}:${position.line + 1}:${position.character + 1}`;
    if (session.documents.get(uri) !== open) return none("document closed");
    if (document.version !== version) return none("document changed");
    // A document that must not be read says so first.
    if (open.isOutOfStep && known.refusedAccess === undefined)
      return none("out of step");

    const inputs = (): GenerationInputs | NoSuggestionReason => {
      const given = generationInputs(session, open, known);
      if (typeof given !== "string")
        stopThinking = session.status.thinking(known.settings.model);
      return given;
    };
    const request = createContext({
      ...known,
      text,
      offset,
      afterDeletion,
      environment: environmentOf(session, uri, known.settings.model),
      syntax: open.syntax.current(),
      trigger: asTrigger(context.triggerKind),
      ...(selectedItem && { selectedItem }),
    });
    const suggestion = await session.completer.complete(
      request,
      inputs,
      signal,
      id,
    );
    const { selectedText, start, eol } = request;
    const inDocument = asInsertText(suggestion.text, { selectedText, eol });
    const insertText = session.wantsLf
      ? asInsertText(suggestion.text, { selectedText, eol: "\n" })
      : inDocument;
    const before = detachString(
      text.slice(Math.max(0, start - beforeLength), start),
    );
    const given = { uri, start, before, selectedText, insertText: inDocument };
    return { suggestion, place, info, insertText, range, given };
  } catch (error) {
    const reason = noSuggestionReasonOf(error, signal);
    return none(reason, reason === "failed" ? error : undefined);
  } finally {
    stopThinking?.();
  }
}

/** What a suggestion depends on besides its document and the settings. */
function environmentOf(
  { documents, settings }: Session,
  uri: string,
  model: string,
): string {
  const versions = documents
    .others(uri, settings.revision)
    .map((other) => `${other}@${documents.get(other)!.document.version}`);
  return [model, ...versions.sort()].join("\n");
}
