import {
  LSPErrorCodes,
  Position,
  Range,
  ResponseError,
  WorkDoneProgress,
} from "vscode-languageserver/node";
import {
  lineEndOf,
  suffixAfterLine,
  type DocumentInfo,
} from "../../completion/context";
import { headerPath } from "../../completion/headerPath";
import {
  lastWordStart,
  type Decoded,
  type DecodeOptions,
} from "../../completion/decode";
import { generate as generateText } from "../../completion/generation";
import {
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "../../completion/reasons";
import { isBinary, refuseDocument } from "../../completion/refuse";
import { repetition } from "../../completion/stopping";
import type { StoppingCriterion } from "../../completion/stopping/criterion";
import { noTimings } from "../../completion/suggestion";
import { unlimited } from "../../completion/timeBudget";
import { samplerFor } from "../../engine/sampling";
import {
  inEnglish,
  worded,
  type Message,
  type MessageCode,
} from "../../messages";
import { ModelError } from "../../models/modelError";
import {
  GenerateProgress,
  type GenerateParams,
  type GenerateResult,
  type Stop,
  type Timings,
} from "../../protocol";
import type { LoadedModel } from "../../runtime/loadedModel";
import { PromptWindow } from "../../runtime/promptWindow";
import type { OpenDocument } from "../documents";
import { documentInfo, type Session } from "../session";

/** Least milliseconds between two pieces: an edit for every token would be too many. */
const pieceIntervalMs = 30;
/** UTF-16 units before the position in which repetition is looked for. */
const nearBefore = 4096;

/**
 * Answers `rwkv/generate`: streams a continuation as partial results. If it is cancelled, the result has
 * the text that was sent until then.
 *
 * @throws ResponseError whose message is one sentence that says why nothing can be generated
 */
export async function generate(
  session: Session,
  params: GenerateParams,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const began = performance.now();
  const id = session.events.nextId();
  // After a cancellation the result has the text so far, but not if the document must not be read any more.
  const mayShow = () =>
    !signal.aborted || noSuggestionReasonOf(signal.reason) === "cancelled";
  const writing = new Writing(session, params, mayShow);
  const finish = (
    reason: GenerateResult["reason"],
    error?: unknown,
  ): GenerateResult => {
    const { timings } = writing;
    const text = mayShow() ? writing.text : "";
    const ms = performance.now() - began;
    session.events.publish(
      { kind: "generate", id, place: "", reason, ms, timings },
      error,
    );
    return { text, tokens: timings.decodeTokens, reason };
  };
  const endProgress = beginProgress(session, params);
  try {
    const prompt = await promptOf(session, params, signal);
    const { settings } = prompt.info;
    if (session.server.isOn) {
      const stop = await session.runner.run("generate", signal, (runSignal) =>
        writing.runServer(prompt, runSignal),
      );
      if (stop !== undefined) return finish(stop);
    }
    const model = await session.models.ready(settings.model, signal);
    const stopThinking = session.status.thinking(settings.model);
    try {
      const stop = await session.runner.run("generate", signal, (runSignal) =>
        writing.run(prompt, model, runSignal),
      );
      return finish(stop);
    } finally {
      stopThinking();
      // No other request uses the prompt of a selection, and where suggestions are off nothing is
      // kept.
      if (!prompt.isDocument || refuseDocument(prompt.info) !== undefined)
        model.runtime.forget(prompt.key);
    }
  } catch (error) {
    const reason = noSuggestionReasonOf(error, signal);
    if (reason !== "failed") return finish(reason);
    finish(reason, error);
    throw asResponseError(error);
  } finally {
    endProgress();
  }
}

/** The text to continue, and the document that it is from. */
interface Prompt {
  readonly open: OpenDocument;
  readonly info: DocumentInfo;
  /** The document's version when `text` was read. */
  readonly version: number;
  /** The generated text continues `text` at `offset`. */
  readonly text: string;
  readonly offset: number;
  /** The start of `text` that is not the document's: the earlier cells of a notebook. */
  readonly lead: string;
  /** Whether `text` is the whole document; else it is the selection alone. */
  readonly isDocument: boolean;
  /** The key of the prompt's states in the state cache. */
  readonly key: string;
  /** Whether the text may still be sent to a completion server. */
  readonly mayLeave: () => boolean;
  readonly eol: string;
}

async function promptOf(
  session: Session,
  params: GenerateParams,
  signal: AbortSignal,
): Promise<Prompt> {
  const { textDocument, position, selection } = params;
  const open = session.documents.get(textDocument.uri);
  if (open === undefined) throw failure("document not open");
  if (!Position.is(position)) throw failure("bad position");
  if (selection && !Range.is(selection)) throw failure("bad selection");
  const { document } = open;
  const { version, uri } = document;
  const whole = document.getText();
  const own = selection ? document.getText(selection) : whole;
  const ownOffset = selection ? own.length : document.offsetAt(position);
  const info = await documentInfo(session, open, signal);
  const { notebooks, settings } = session;
  const { revision } = settings;
  const lead = selection ? "" : notebooks.textBefore(open, revision);
  const text = lead + own;
  const offset = lead.length + ownOffset;
  const refused =
    info.refusedAccess ??
    (open.isOutOfStep ? "out of step" : undefined) ??
    (isBinary(text, offset) ? "binary" : undefined);
  if (refused !== undefined) {
    const code = refusals[refused];
    throw code ? failure(code) : failure("generate refused", refused);
  }
  return {
    open,
    info,
    version,
    text,
    offset,
    lead,
    isDocument: !selection,
    key: selection ? `${uri}#selection` : notebooks.keyOf(uri),
    mayLeave: () =>
      session.settings.revision === revision && !open.closed.aborted,
    eol: lineEndOf(whole),
  };
}

const refusals: { readonly [reason in NoSuggestionReason]?: MessageCode } = {
  excluded: "generate excluded",
  "unsupported document": "generate unsupported",
  binary: "generate binary",
  "settings unknown": "generate without settings",
  "out of step": "generate out of step",
};

/** A text that the local model or a completion server has generated. */
type Made = Decoded & { readonly timings: Timings };

/** The options that the local model and a completion server have in common. */
type WritingOptions = Omit<DecodeOptions, LocalOptions> & {
  readonly onText: (text: string) => void;
};
type LocalOptions =
  | "tokenizer"
  | "skippedBytes"
  | "processors"
  | "start"
  | "sampler"
  | "timeBudget";

/** The text of one request as it is written, sent in pieces. */
class Writing {
  /** The text that was sent so far. */
  text = "";
  timings: Timings = noTimings;
  private sentAt = -Infinity;

  constructor(
    private readonly session: Session,
    private readonly params: GenerateParams,
    private readonly mayShow: () => boolean,
  ) {}

  /** Continues the prompt; resolves to the reason why generation ended. */
  async run(
    prompt: Prompt,
    model: LoadedModel,
    signal: AbortSignal,
  ): Promise<Stop> {
    const { info, text, offset, key } = prompt;
    const { generate: settings, seed } = info.settings;
    const window = windowFor(this.session, prompt, model);
    const { stop } = await this.write(prompt, signal, (options) =>
      generateText(
        model,
        {
          key,
          tokens: window.tokensBefore(text, offset),
          startLength: window.startLength,
          before: nearTextBefore(prompt),
          languageId: info.languageId,
          context: { suffix: suffixAfterLine(text, offset) },
        },
        {
          ...options,
          sampler: samplerFor({ ...settings, seed }),
          timeBudget: unlimited,
        },
      ),
    );
    return stop;
  }

  /** Continues the prompt by the completion server; undefined if that fails before any text was sent. */
  async runServer(
    prompt: Prompt,
    signal: AbortSignal,
  ): Promise<Stop | undefined> {
    const { info, text, offset, mayLeave } = prompt;
    const { generate: settings, seed } = info.settings;
    const place = { text, start: offset, end: offset, selectedText: "" };
    const written = await this.write(prompt, signal, (options) =>
      this.session.server.generate(
        { ...place, mayLeave },
        { ...options, ...settings, seed, trigger: "generate" },
      ),
    );
    // Sent text cannot be taken back, so the local model cannot start again after it.
    return written?.stop ?? (this.text === "" ? undefined : "connection lost");
  }

  /** Sends the text while `generate` makes it, and the rest of it at the end. */
  private async write<T extends Made | undefined>(
    prompt: Prompt,
    signal: AbortSignal,
    generate: (options: WritingOptions) => Promise<T>,
  ): Promise<T> {
    const { info, eol } = prompt;
    let generated = "";
    let sent = 0;
    const sendUpTo = (end: number) => {
      if (end <= sent) return;
      this.send(generated.slice(sent, end).replaceAll("\n", eol));
      sent = end;
    };
    try {
      const written = await generate({
        stoppingCriteria: [repetitionOfSent(nearTextBefore(prompt))],
        maxTokens: info.settings.generate.maxTokens,
        minConfidence: 0,
        whole: "words",
        signal,
        onText: (whole) => {
          generated = whole;
          const decodeTokens = this.timings.decodeTokens + 1;
          this.timings = { ...this.timings, decodeTokens };
          // A limit may take off the last word, so it waits for the next token.
          if (performance.now() - this.sentAt >= pieceIntervalMs)
            sendUpTo(lastWordStart(whole));
        },
      });
      if (written !== undefined) {
        generated = written.text;
        this.timings = written.timings;
      }
      return written;
    } finally {
      sendUpTo(generated.length);
    }
  }

  private send(piece: string): void {
    if (!this.mayShow()) return;
    this.text += piece;
    this.sentAt = performance.now();
    const { partialResultToken } = this.params;
    if (partialResultToken === undefined) return;
    void this.session.connection.sendProgress(
      GenerateProgress,
      partialResultToken,
      piece,
    );
  }
}

/** The text before the position in which repetition is looked for, line ends as LF. */
function nearTextBefore({ text, offset }: Prompt): string {
  return text
    .slice(Math.max(0, offset - nearBefore), offset)
    .replace(/\r\n?/g, "\n");
}

/** Sent text cannot be taken back, so a text that repeats itself ends where it is. */
function repetitionOfSent(before: string): StoppingCriterion {
  const repeats = repetition(before);
  return (text) => repeats(text) && { end: text.length, stop: "repetition" };
}

/** The tokens of the prompt: the document's, if it has not changed since, else computed anew. */
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
  if (prompt.isDocument && isCurrent)
    return open.windowFor(model, info.path, prompt.lead);
  const header = headerPath(info.path, info.languageId);
  return new PromptWindow(model.tokenizer, model.documentStart(header));
}

function beginProgress(
  { connection, translate }: Session,
  { workDoneToken }: GenerateParams,
): () => void {
  if (workDoneToken === undefined) return () => undefined;
  const send = (value: { kind: "begin"; title: string } | { kind: "end" }) =>
    void connection.sendProgress(WorkDoneProgress.type, workDoneToken, value);
  const title = worded({ code: "generating", args: [] }, translate);
  send({ kind: "begin", title });
  return () => send({ kind: "end" });
}

function failure(code: MessageCode, ...args: string[]): ResponseError<Message> {
  const told: Message = { code, args };
  return new ResponseError(LSPErrorCodes.RequestFailed, inEnglish(told), told);
}

function asResponseError(error: unknown): Error {
  if (error instanceof ResponseError) return error;
  if (error instanceof ModelError)
    return new ResponseError(
      LSPErrorCodes.RequestFailed,
      error.message,
      error.told,
    );
  // Other errors may quote the text that they are about.
  return failure("generate failed");
}
