import { setMaxListeners } from "node:events";
import {
  InlineCompletionTriggerKind,
  Range,
  type CancellationToken,
  type InlineCompletionParams,
} from "vscode-languageserver/node";
import { URI } from "vscode-uri";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type {
  CompletionContext,
  CompletionRequest,
} from "../completion/context";
import { NoSuggestion } from "../completion/reasons";

/** Runs `work` with an abort signal for the protocol's cancellation token. */
export async function asSignal<T>(
  token: CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const cancel = () => abort.abort(new NoSuggestion("cancelled"));
  if (token.isCancellationRequested) cancel();
  const subscription = token.onCancellationRequested(cancel);
  try {
    return await work(abort.signal);
  } finally {
    subscription.dispose();
  }
}

/** A signal that is aborted with the first of `signals`, until it is disposed of. */
export function joinSignals(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  dispose: () => void;
} {
  const abort = new AbortController();
  const done = new AbortController();
  for (const signal of signals) {
    const follow = () => abort.abort(signal.reason);
    // Each request under way has a listener. Node would report more than ten of them as a leak.
    setMaxListeners(0, signal);
    if (signal.aborted) follow();
    else signal.addEventListener("abort", follow, { signal: done.signal });
  }
  return { signal: abort.signal, dispose: () => done.abort() };
}

/** What caused a request: the user by hand, or typing. */
export function asTrigger(
  kind: InlineCompletionTriggerKind,
): CompletionRequest["trigger"] {
  return kind === InlineCompletionTriggerKind.Invoked ? "invoked" : "automatic";
}

/** The item selected in the editor's list of completions; undefined if there is none or it is malformed. */
export function asSelectedItem(
  context: InlineCompletionParams["context"],
  document: TextDocument,
): CompletionRequest["selectedItem"] {
  const info = context.selectedCompletionInfo;
  if (!info || !Range.is(info.range) || typeof info.text !== "string")
    return undefined;
  const start = document.offsetAt(info.range.start);
  return {
    start,
    end: Math.max(start, document.offsetAt(info.range.end)),
    text: info.text,
  };
}

/**
 * The text that replaces a request's range: the selected item and the suggestion, with the
 * document's line ends.
 */
export function asInsertText(
  text: string,
  { selectedText, eol }: Pick<CompletionContext, "selectedText" | "eol">,
): string {
  return selectedText + (eol === "\n" ? text : text.replaceAll("\n", eol));
}

/** A document's path relative to the innermost folder that holds it; else its last part. */
export function asRelativePath(
  uri: string,
  folders: readonly string[],
): string {
  const { path } = URI.parse(uri);
  const roots = folders
    .map((folder) => URI.parse(folder).path.replace(/\/?$/, "/"))
    .filter((root) => path.startsWith(root))
    .sort((a, b) => b.length - a.length);
  return path.slice(roots[0]?.length ?? path.lastIndexOf("/") + 1);
}
