import {
  Position,
  Range,
  type InlineCompletionList,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import type { DocumentInfo } from "../../completion/context";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import {
  confidenceOf,
  silent,
  type Suggestion,
} from "../../completion/suggestion";
import { afterAnswer } from "../afterAnswer";
import { asInsertText, asSelectedItem, asTrigger } from "../converters";
import { acceptedCommand, type RequestEvent } from "../../protocol";
import { settingsShowing } from "../../completion/settingsShowing";
import { positionedIn, positionIn, type Positioned } from "../positioned";
import { documentInfo, type GivenSuggestion, type Session } from "../session";
import { detachString } from "../../tokenizer/detachString";

/** UTF-16 units before a suggestion by which its position is found again. */
const beforeLength = 256;

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
  let positioned: Positioned | undefined;
  try {
    const { textDocument, position, context } = params;
    const { uri } = textDocument;
    if (!Position.is(position))
      throw new Error("the request's position is malformed");
    const open = session.documents.get(uri);
    if (open === undefined) return none("unknown document");
    session.startAhead.asked(params);

    // The text is taken before anything is awaited: the document may change while settings are requested.
    const { document } = open;
    const selectedItem = asSelectedItem(context, document);
    const trigger = asTrigger(context.triggerKind);
    const asked = positionIn(open, document.offsetAt(position), trigger, {
      ...(selectedItem && { selectedItem }),
    });
    const range = Range.create(
      document.positionAt(selectedItem?.start ?? asked.offset),
      document.positionAt(selectedItem?.end ?? asked.offset),
    );
    const known = await documentInfo(session, open, signal);
    info = known;
    place = `${known.path}:${position.line + 1}:${position.character + 1}`;
    const found = await positionedIn(session, asked, known, signal);
    if (typeof found === "string") return none(found);
    positioned = found;
    const request = found.context;
    const suggestion = await session.completer.complete(
      request,
      found.inputs,
      signal,
      id,
    );
    const { selectedText } = request;
    const eol = session.wantsLf ? "\n" : request.eol;
    const texts = [suggestion, ...(suggestion.alternatives ?? [])].map(
      ({ text }) => asInsertText(text, { selectedText, eol }),
    );
    const start = request.start - found.leadLength;
    const given = {
      uri,
      start,
      before: detachString(
        asked.text.slice(Math.max(0, start - beforeLength), start),
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
    positioned?.stopThinking();
  }
}
