import {
  Position,
  Range,
  type InlineCompletionList,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import type { GenerationInputs, Outcome } from "../../completion/completer";
import { createContext } from "../../completion/context";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import {
  asInlineCompletionList,
  asSelectedItem,
  asTrigger,
} from "../converters";
import { documentInfo, logRequest, nothingRun, type Session } from "../session";

/** Answers `textDocument/inlineCompletion`. Never throws: what goes wrong is in the log. */
export async function inlineCompletion(
  session: Session,
  params: InlineCompletionParams,
  signal: AbortSignal,
): Promise<InlineCompletionList> {
  const began = performance.now();
  const log = (outcome: Silent | Outcome, place: string) => {
    const ms = performance.now() - began;
    logRequest(session, `inline completion at ${place}`, {
      ...nothingRun,
      ...outcome,
      ms,
    });
  };
  try {
    const { outcome, range, place } = await complete(session, params, signal);
    log(outcome, place);
    return asInlineCompletionList(outcome, range);
  } catch (error) {
    const reason = noSuggestionReasonOf(error, signal);
    log(
      { reason, insertText: "", ...(reason === "failed" && { error }) },
      "an unknown place",
    );
    return { items: [] };
  }
}

/** An end before the ladder. */
interface Silent {
  readonly reason: NoSuggestionReason;
  readonly insertText: "";
  readonly error?: unknown;
}

interface Answer {
  readonly outcome: Silent | Outcome;
  readonly range: Range;
  /** For the log. */
  readonly place: string;
}

async function complete(
  session: Session,
  params: InlineCompletionParams,
  signal: AbortSignal,
): Promise<Answer> {
  const { textDocument, position, context } = params;
  const { uri } = textDocument;
  if (!Position.is(position))
    throw new Error("the request's position is malformed");
  const cursor = Range.create(position, position);
  const silent = (reason: NoSuggestionReason, place: string): Answer => ({
    outcome: { reason, insertText: "" },
    range: cursor,
    place,
  });
  const open = session.documents.get(uri);
  if (open === undefined)
    return silent("unknown document", "a document that is not open");

  // The document as it is now, at the place it was asked about: it may change while settings come.
  const { document, afterDeletion } = open;
  const { version } = document;
  const text = document.getText();
  const offset = document.offsetAt(position);
  const selectedItem = asSelectedItem(context, document);
  const range = Range.create(
    document.positionAt(selectedItem?.start ?? offset),
    document.positionAt(selectedItem?.end ?? offset),
  );

  const info = await documentInfo(session, open, signal);
  const place = `${info.path}:${position.line + 1}:${position.character + 1}`;
  if (session.documents.get(uri) !== open)
    return silent("document closed", place);
  if (document.version !== version) return silent("document changed", place);
  // A document that must not be read says so first.
  if (open.isOutOfStep && info.refusedAccess === undefined)
    return silent("out of step", place);

  let stopThinking: (() => void) | undefined;
  const engine = (): GenerationInputs | NoSuggestionReason => {
    const name = info.settings.model;
    const model = session.models.get(name);
    if (typeof model === "string") return model;
    stopThinking = session.status.thinking(name);
    const window = open.windowFor(model, info.path);
    const { revision } = session.settings;
    const others = session.documents.others(uri, revision);
    const names = others.map((other) => session.documents.get(other)!.names);
    return { model, window, others, names };
  };
  try {
    const request = createContext({
      ...info,
      version,
      text,
      offset,
      afterDeletion,
      trigger: asTrigger(context.triggerKind),
      ...(selectedItem && { selectedItem }),
    });
    return {
      outcome: await session.completer.complete(request, engine, signal),
      range,
      place,
    };
  } finally {
    stopThinking?.();
  }
}
