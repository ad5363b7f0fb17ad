import type { GenerationInputs } from "../completion/completer";
import {
  createContext,
  type CompletionContext,
  type CompletionRequest,
  type DocumentInfo,
  type SelectedItem,
} from "../completion/context";
import { orAborted } from "../completion/orAborted";
import type { NoSuggestionReason } from "../completion/reasons";
import { refuseDocument } from "../completion/refuse";
import type { OpenDocument } from "./documents";
import { generationInputs, otherFiles } from "./generationInputs";
import type { Session } from "./session";

/** Most alternatives, made if the user requests a suggestion by hand or the next one. */
const maxAlternatives = 2;

/** A position in an open document, with the text and the version that the document had at that time. */
export interface AskedPosition extends Pick<
  CompletionRequest,
  "trigger" | "text" | "offset" | "afterDeletion" | "selectedItem"
> {
  readonly open: OpenDocument;
  readonly version: number;
  /** Milliseconds after which the request is expected, if the position is prepared for it; else 0. */
  readonly aheadMs: number;
}

/** @param offset of the cursor, in UTF-16 units */
export function positionIn(
  open: OpenDocument,
  offset: number,
  trigger: CompletionRequest["trigger"],
  {
    aheadMs = 0,
    ...item
  }: { selectedItem?: SelectedItem; aheadMs?: number } = {},
): AskedPosition {
  const { document, afterDeletion } = open;
  const text = document.getText();
  const { version } = document;
  return {
    open,
    text,
    version,
    offset,
    trigger,
    afterDeletion,
    aheadMs,
    ...item,
  };
}

/** A position as the completer takes it. */
export interface Positioned {
  readonly context: CompletionContext;
  /** What is needed to generate there; the reason if nothing can be. The status shows a busy model from then on. */
  readonly inputs: () => GenerationInputs | NoSuggestionReason;
  /** UTF-16 units that `context.text` has before the document's own. */
  readonly leadLength: number;
  /** Has the status show the model idle again. */
  readonly stopThinking: () => void;
}

/**
 * What the completer needs at a position; the reason if nothing is completed there.
 *
 * @throws the signal's reason when it is aborted
 */
export async function positionedIn(
  session: Session,
  { open, version, text, aheadMs, ...asked }: AskedPosition,
  info: DocumentInfo,
  signal: AbortSignal,
): Promise<Positioned | NoSuggestionReason> {
  const { document } = open;
  const isRefused = refuseDocument(info) !== undefined;
  if (!isRefused && typeof session.models.get(info.settings.model) !== "string")
    await orAborted(open.syntax.ready(), signal);
  if (session.documents.get(info.uri) !== open) return "document closed";
  if (document.version !== version) return "document changed";
  // If the document must not be read, that is the reason, not this.
  if (open.isOutOfStep && info.refusedAccess === undefined)
    return "out of step";

  const { offset, trigger, selectedItem } = asked;
  // The editor's language service knows the document without the item selected in its list.
  const knowsMembers =
    info.settings.editorMembers && selectedItem === undefined;
  const { revision } = session.settings;
  const lead = session.notebooks.textBefore(open, revision);
  let stopThinking: (() => void) | undefined;
  const inputs = () => {
    if (document.version !== version) return "document changed";
    const made = generationInputs(session, open, info, lead, revision);
    if (typeof made === "string") return made;
    stopThinking = session.status.thinking(info.settings.model);
    const editorMembers = knowsMembers
      ? session.members?.at(document, offset, aheadMs)
      : undefined;
    const alternatives = trigger === "invoked" ? maxAlternatives : 0;
    return { ...made, editorMembers, alternatives };
  };
  const syntax = open.syntax.current();
  const context = createContext({
    ...info,
    ...asked,
    mayLeave: () =>
      session.settings.revision === revision && !open.closed.aborted,
    text: lead + text,
    offset: lead.length + offset,
    syntaxStart: lead.length,
    environment: environmentOf(
      session,
      otherFiles(session, open, revision),
      info.settings.model,
    ),
    ...(syntax && { syntax }),
    ...(selectedItem && { selectedItem: moved(selectedItem, lead.length) }),
  });
  return {
    context,
    inputs,
    leadLength: lead.length,
    stopThinking: () => stopThinking?.(),
  };
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
