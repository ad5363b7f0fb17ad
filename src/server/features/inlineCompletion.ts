import {
  Position,
  Range,
  type InlineCompletionList,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import type { GenerationInputs } from "../../completion/completer";
import {
  createContext,
  type DocumentInfo,
  type SelectedItem,
} from "../../completion/context";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import { refuseDocument } from "../../completion/refuse";
import {
  confidenceOf,
  silent,
  type Suggestion,
} from "../../completion/suggestion";
import { afterAnswer } from "../afterAnswer";
import { asInsertText, asSelectedItem, asTrigger } from "../converters";
import { acceptedCommand, type RequestEvent } from "../../protocol";
import { settingsShowing } from "../../completion/settingsShowing";
import { generationInputs, otherFiles } from "../generationInputs";
import { orAborted } from "../../completion/orAborted";
import { documentInfo, type GivenSuggestion, type Session } from "../session";
import { detachString } from "../../tokenizer/detachString";

/** UTF-16 units before a suggestion by which its position is found again. */
const beforeLength = 256;

/** Most alternatives, made if the user requests a suggestion by hand or the next one. */
const maxAlternatives = 2;

/** Answers `textDocument/inlineCompletion`. Never rejects: errors are logged. */
export async function inlineCompletion(
  session: Session,
  params: InlineCompletionParams,
  signal: AbortSignal,
): Promise<InlineCompletionList> {
  const began = performance.now();
  const id = session.events.nextId();
  const { suggestion, place, info, texts, range, given } = await answer(
    session,
    params,
    id,
    signal,
  );
  const ms = performance.now() - began;
  const { reason, stop, timings, error } = suggestion;
  const isShown = suggestion.text !== "";
  const hasConfidence = isShown && suggestion.tokens.length > 0;
  const publish = (told: OtherSettings | undefined, failure = error) =>
    session.events.publish(
      {
        kind: "inline completion",
        id,
        place,
        uri: info?.uri,
        languageId: info?.languageId,
        model: suggestion.model ?? info?.settings.model,
        reason,
        stop,
        ...(hasConfidence && { confidence: confidenceOf(suggestion) }),
        ...told,
        ms,
        timings,
      },
      failure,
    );
  const others = () => (info ? otherSettings(suggestion, info, params) : {});
  // What other settings would have shown takes a while to work out, and nobody waits for it.
  if (suggestion.withheld === undefined) publish(others());
  else afterAnswer(others, publish);
  if (!isShown) return { items: [] };
  if (given) session.given = { ...given, suggestion, ms };
  const command = {
    command: acceptedCommand,
    title: "RWKV",
    arguments: [id],
  };
  return {
    items: texts.map((insertText) => ({ insertText, range, command })),
  };
}

interface Answer {
  readonly suggestion: Suggestion;
  /** Path and line of the position, for the log. */
  readonly place: string;
  readonly info: DocumentInfo | undefined;
  /** The text that is to replace `range` in the document, then the alternatives to it. */
  readonly texts: readonly string[];
  readonly range: Range;
  /** What *Explain Suggestion* needs of it later. */
  readonly given?: Omit<GivenSuggestion, "suggestion" | "ms">;
}

type OtherSettings = Pick<
  RequestEvent & { kind: "inline completion" },
  "settings" | "withheld"
>;

/** What other values of `rwkv.suggestions` would have shown. */
function otherSettings(
  suggestion: Suggestion,
  { settings: { suggestions } }: DocumentInfo,
  { position, context }: InlineCompletionParams,
): OtherSettings {
  const { reason } = suggestion;
  if (asTrigger(context.triggerKind) === "invoked") return {};
  if (reason === "generated" || reason === "in flight")
    return { settings: settingsShowing(suggestion, suggestions, true) };
  // Behind an item of the list of completions a text begins elsewhere.
  const withheld = context.selectedCompletionInfo
    ? undefined
    : suggestion.withheld?.();
  return withheld
    ? {
        settings: withheld.settings,
        withheld: { position, text: withheld.text },
      }
    : {};
}

/** Never rejects: the answer has the error. */
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
    texts: [],
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

    // The text is taken before anything is awaited: the document may change while settings are requested.
    const { document, afterDeletion } = open;
    const { version } = document;
    const ownText = document.getText();
    const ownOffset = document.offsetAt(position);
    const selectedItem = asSelectedItem(context, document);
    const range = Range.create(
      document.positionAt(selectedItem?.start ?? ownOffset),
      document.positionAt(selectedItem?.end ?? ownOffset),
    );

    const known = await documentInfo(session, open, signal);
    info = known;
    place = `${known.path}:${position.line + 1}:${position.character + 1}`;
    const isRefused = refuseDocument(known) !== undefined;
    if (
      !isRefused &&
      typeof session.models.get(known.settings.model) !== "string"
    )
      await orAborted(open.syntax.ready(), signal);
    if (session.documents.get(uri) !== open) return none("document closed");
    if (document.version !== version) return none("document changed");
    // If the document must not be read, that is the reason, not this.
    if (open.isOutOfStep && known.refusedAccess === undefined)
      return none("out of step");

    // The editor's language service knows the document without the item selected in its list.
    const knowsMembers =
      known.settings.editorMembers && selectedItem === undefined;
    const { revision } = session.settings;
    const lead = session.notebooks.textBefore(open, revision);
    const inputs = (): GenerationInputs | NoSuggestionReason => {
      if (document.version !== version) return "document changed";
      const made = generationInputs(session, open, known, lead, revision);
      if (typeof made === "string") return made;
      stopThinking = session.status.thinking(known.settings.model);
      const editorMembers = knowsMembers
        ? session.members?.at(document, ownOffset)
        : undefined;
      const alternatives = request.trigger === "invoked" ? maxAlternatives : 0;
      return { ...made, editorMembers, alternatives };
    };
    const syntax = open.syntax.current();
    const request = createContext({
      ...known,
      mayLeave: () =>
        session.settings.revision === revision && !open.closed.aborted,
      text: lead + ownText,
      offset: lead.length + ownOffset,
      syntaxStart: lead.length,
      afterDeletion,
      environment: environmentOf(
        session,
        otherFiles(session, open, revision),
        known.settings.model,
      ),
      ...(syntax && { syntax }),
      trigger: asTrigger(context.triggerKind),
      ...(selectedItem && { selectedItem: moved(selectedItem, lead.length) }),
    });
    const suggestion = await session.completer.complete(
      request,
      inputs,
      signal,
      id,
    );
    const { selectedText } = request;
    const eol = session.wantsLf ? "\n" : request.eol;
    const texts = [suggestion, ...(suggestion.alternatives ?? [])].map(
      ({ text }) => asInsertText(text, { selectedText, eol }),
    );
    const start = request.start - lead.length;
    const given = {
      uri,
      start,
      before: detachString(
        ownText.slice(Math.max(0, start - beforeLength), start),
      ),
      selectedText,
      insertText: asInsertText(suggestion.text, {
        selectedText,
        eol: request.eol,
      }),
    };
    return { suggestion, place, info, texts, range, given };
  } catch (error) {
    const reason = noSuggestionReasonOf(error, signal);
    return none(reason, reason === "failed" ? error : undefined);
  } finally {
    stopThinking?.();
  }
}

/** An item after `by` UTF-16 units were inserted at the start of the text. */
function moved(item: SelectedItem, by: number): SelectedItem {
  return { ...item, start: item.start + by, end: item.end + by };
}

/** Identifies what a suggestion depends on besides its document and the settings: it changes with that. */
function environmentOf(
  { documents, members, server }: Session,
  others: readonly string[],
  model: string,
): string {
  const versions = others.map(
    (other) => `${other}@${documents.get(other)!.document.version}`,
  );
  const told = `members ${members?.revision ?? 0}`;
  return [model, server.identity, told, ...versions.sort()].join("\n");
}
