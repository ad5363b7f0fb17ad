import {
  LSPErrorCodes,
  Position,
  Range,
  ResponseError,
  WorkDoneProgress,
} from "vscode-languageserver/node";
import { chooser } from "../../completion/completer";
import {
  suffixAfterLine,
  lineEndOf,
  type DocumentInfo,
} from "../../completion/context";
import { decode, lastWordStart } from "../../completion/decode";
import { repetitionEnd } from "../../completion/endings";
import { heal } from "../../completion/healing";
import { PromptWindow } from "../../runtime/promptWindow";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import { isBinary, refuseDocument } from "../../completion/refuse";
import type { LoadedModel } from "../../runtime/loadedModel";
import { ModelError } from "../../models/modelError";
import {
  GenerateProgress,
  type GenerateParams,
  type GenerateResult,
} from "../../protocol";
import type { OpenDocument } from "../documents";
import { documentInfo, logRequest, nothingRun, type Session } from "../session";

/** Pieces go out at most this often, in milliseconds: an edit for every token would be too many. */
const pieceInterval = 30;
/** Text before the place in which repetition is looked for. */
const nearBefore = 4096;

/**
 * Answers `rwkv/generate`: streams a continuation as partial results. When it is cancelled, the
 * result holds what was written until then.
 *
 * @throws ResponseError whose message is one sentence that says what is in the way
 */
export async function generate(
  session: Session,
  params: GenerateParams,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const began = performance.now();
  const figures = { ...nothingRun };
  let sent = "";
  const finish = (reason: string, error?: unknown): GenerateResult => {
    const ms = performance.now() - began;
    logRequest(session, "generate", {
      ...figures,
      reason,
      ms,
      ...(error !== undefined && { error }),
    });
    const text = mayShow() ? sent : "";
    return { text, tokens: figures.decoded, reason };
  };
  // What was written before a cancellation is kept; of what must not be read any more, nothing.
  const mayShow = () =>
    !signal.aborted || noSuggestionReasonOf(signal.reason) === "cancelled";
  const send = (piece: string) => {
    if (!mayShow()) return;
    sent += piece;
    if (piece === "" || params.partialResultToken === undefined) return;
    void session.connection.sendProgress(
      GenerateProgress,
      params.partialResultToken,
      piece,
    );
  };
  const endProgress = beginProgress(session, params);
  try {
    const prompt = await promptOf(session, params, signal);
    const { settings, uri } = prompt.info;
    const model = await session.models.ready(settings.model, signal);
    const stopThinking = session.status.thinking(settings.model);
    try {
      const stop = await session.runner.run("generate", signal, (runSignal) =>
        write(session, prompt, model, runSignal, send, figures),
      );
      return finish(stop);
    } finally {
      stopThinking();
      // The prompt of a selection is nobody else's, and where suggestions are off nothing is kept.
      if (prompt.key !== uri || refuseDocument(prompt.info) !== undefined)
        model.runtime.forget(prompt.key);
    }
  } catch (error) {
    const reason = noSuggestionReasonOf(error, signal);
    if (reason !== "failed") return finish(reason);
    const message = sentence(error);
    finish(message, error instanceof ResponseError ? undefined : error);
    throw new ResponseError(LSPErrorCodes.RequestFailed, message);
  } finally {
    endProgress();
  }
}

interface Prompt {
  readonly open: OpenDocument;
  readonly info: DocumentInfo;
  readonly version: number;
  /** The text to continue ends at `offset`. */
  readonly text: string;
  readonly offset: number;
  /** Whether `text` is the document's; else a part of it that stands alone. */
  readonly isDocument: boolean;
  /** Under which the states of the prompt are kept. */
  readonly key: string;
  readonly eol: string;
}

async function promptOf(
  session: Session,
  params: GenerateParams,
  signal: AbortSignal,
): Promise<Prompt> {
  const { textDocument, position, selection } = params;
  const open = session.documents.get(textDocument.uri);
  if (open === undefined) throw failure("The document is not open.");
  if (!Position.is(position))
    throw failure("The position to write at is malformed.");
  if (selection && !Range.is(selection))
    throw failure("The selection is malformed.");
  const { document } = open;
  const { version, uri } = document;
  const whole = document.getText();
  const text = selection ? document.getText(selection) : whole;
  const offset = selection ? text.length : document.offsetAt(position);
  const info = await documentInfo(session, open, signal);
  const refused =
    info.refusedAccess ??
    (open.isOutOfStep ? "out of step" : undefined) ??
    (isBinary(text, offset) ? "binary" : undefined);
  if (refused !== undefined)
    throw failure(refusals[refused] ?? `Not here: ${refused}.`);
  return {
    open,
    info,
    version,
    text,
    offset,
    isDocument: !selection,
    key: selection ? `${uri}#selection` : uri,
    eol: lineEndOf(whole),
  };
}

const refusals: { readonly [reason in NoSuggestionReason]?: string } = {
  excluded:
    "This document is excluded by rwkv.exclude, so nothing is generated in it.",
  "unsupported document":
    "Nothing can be generated in a document of this kind.",
  "settings unknown":
    "The editor did not tell its settings for this document, which might exclude it.",
  "out of step":
    "The editor's changes to this document could not be followed; close it and open it again.",
  binary: "This document is not text, so nothing is generated in it.",
};

/** Writes on after the prompt; resolves to why it ended. */
async function write(
  session: Session,
  prompt: Prompt,
  model: LoadedModel,
  signal: AbortSignal,
  send: (piece: string) => void,
  figures: { -readonly [figure in keyof typeof nothingRun]: number },
): Promise<string> {
  const { info, text, offset } = prompt;
  const { tokenizer } = model;
  const { generate: settings, seed } = info.settings;
  const window = windowFor(session, prompt, model);
  const began = performance.now();
  const healed = heal(
    tokenizer,
    window.tokensBefore(text, offset),
    window.startLength,
  );
  const continuation = await model.runtime.prefill(
    prompt.key,
    healed.tokens,
    signal,
    { suffix: suffixAfterLine(text, offset) },
  );
  const ready = performance.now();
  figures.prefilled = continuation.prefilled.run;
  figures.prefillMs = ready - began;

  const before = text
    .slice(Math.max(0, offset - nearBefore), offset)
    .replace(/\r\n?/g, "\n");
  let sent = 0;
  let sentAt = -Infinity;
  const sendUpTo = (whole: string, end: number) => {
    if (end <= sent) return;
    send(whole.slice(sent, end).replaceAll("\n", prompt.eol));
    sent = end;
    sentAt = performance.now();
  };
  let soFar = "";
  try {
    const decoded = await decode(continuation, {
      tokenizer,
      held: healed.healedPrefix,
      maxTokens: settings.maxTokens,
      timeBudget: Infinity,
      choose: chooser({ ...settings, seed }),
      // What has been sent cannot be taken back, so the text ends here and not where the circle began.
      endOf: (whole) =>
        repetitionEnd(whole, before) && {
          end: whole.length,
          stop: "repetition",
        },
      whole: "words",
      signal,
      onText: (whole) => {
        soFar = whole;
        figures.decoded++;
        // A limit may take off the last word, so it waits for the next token.
        if (performance.now() - sentAt >= pieceInterval)
          sendUpTo(whole, lastWordStart(whole));
      },
    });
    soFar = decoded.text;
    figures.decoded = decoded.tokens;
    return decoded.stop;
  } finally {
    sendUpTo(soFar, soFar.length);
    figures.decodeMs = performance.now() - ready;
  }
}

/** The document's own tokens, unless it has changed since; a selection has its own. */
function windowFor(
  session: Session,
  prompt: Prompt,
  model: LoadedModel,
): PromptWindow {
  const { open, info, version } = prompt;
  const { document } = open;
  const isCurrent =
    session.documents.get(document.uri) === open &&
    document.version === version;
  if (prompt.isDocument && isCurrent) return open.windowFor(model, info.path);
  return new PromptWindow(model.tokenizer, model.documentStart(info.path));
}

function beginProgress(
  { connection }: Session,
  { workDoneToken }: GenerateParams,
): () => void {
  if (workDoneToken === undefined) return () => undefined;
  const send = (value: { kind: "begin"; title: string } | { kind: "end" }) =>
    void connection.sendProgress(WorkDoneProgress.type, workDoneToken, value);
  send({ kind: "begin", title: "Generating" });
  return () => send({ kind: "end" });
}

function failure(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}

function sentence(error: unknown): string {
  if (error instanceof ResponseError || error instanceof ModelError)
    return error.message;
  // Other errors may quote the text that they are about.
  return "Generation failed; the log has more.";
}
