/**
 * The requests, notifications and settings that client and server share beyond the standard
 * protocol. Both sides import this file; there is no mirrored copy.
 */
import {
  NotificationType,
  ProgressType,
  RequestType,
  type Position,
  type Range,
  type TextDocumentIdentifier,
} from "vscode-languageserver-protocol";
import type { Message } from "./messages";

/** Node's flags for the engine: semi-spaces of 2 MB, not 16; V8's young generation has three of them. */
export const engineFlags = ["--max-semi-space-size=2"];

/** Settings of the section `rwkv` that a workspace, a folder or a language may choose. */
export interface Settings {
  /** Ghost text while typing. The manual trigger obeys it, too; *Generate* does not. */
  enable: boolean;
  /** Per language id; `*` stands for all languages not named. */
  languages: Record<string, boolean>;
  /**
   * Globs of files that are never completed, indexed or kept, besides those that hold secrets by
   * their names (`exclusion/secretFiles.ts`). One that begins with `!` takes back earlier ones.
   */
  exclude: string[];
  /** `bundled`, or the name of a folder in the models folder. */
  model: string;
  /** How sure a suggestion has to be to be shown. */
  suggestions: Suggestions;
  temperature: number;
  topP: number;
  seed: number;
  /** Upper bounds of an inline suggestion. */
  maxTokens: number;
  maxLines: number;
  /**
   * Milliseconds of decoding after which the whole lines or words so far are suggested. Short ghost text
   * at once is worth more than a long one later. "auto" depends on the model's speed
   * (`completion/timeBudget.ts`).
   */
  timeBudget: number | "auto";
  /** When visible files may be read before the first request. */
  readAhead: ReadAhead;
  /** Whether the editor's own language service is asked for members behind a `.`. */
  editorMembers: boolean;
  generate: { maxTokens: number; temperature: number; topP: number };
}

/** A completion server that generates in place of the local model; only user settings can name it. */
export interface CompletionServerOptions {
  /** Address, of HTTP or HTTPS; empty: none. */
  url: string;
  /** Sent as a bearer token; empty: none. */
  key: string;
  /** The server's name for the model; empty: the first that it has. */
  model: string;
  /** Milliseconds after which a suggestion ends with what is whole so far. */
  timeBudget: number;
}

export const defaultServer: CompletionServerOptions = {
  url: "",
  key: "",
  model: "",
  timeBudget: 1500,
};

/** Names the completion server, in place of the one named before. */
export const CompletionServerNotification = new NotificationType<
  Partial<CompletionServerOptions>
>("rwkv/completionServer");

/** What the engine knows of the completion server. */
export interface CompletionServerState {
  /** Name and port; empty where the address is none. */
  host: string;
  /** Whether the connection is encrypted, or ends on this machine. */
  isPrivate: boolean;
  /** Its model and kind, for people; empty where they are not known. */
  model: string;
  /** While it is "failing" or "asking" the local model suggests. */
  state: "asking" | "ready" | "failing";
  /** Why it is failing. */
  told?: Message;
}

/** The values of `rwkv.suggestions`, from the one that shows most. */
export const suggestionsValues = ["often", "balanced", "rare"] as const;

export type Suggestions = (typeof suggestionsValues)[number];

export type ReadAhead = "always" | "onMains" | "never";

/** What suggestions may copy from besides the document: the whole project, other open documents, nothing. */
export type ProjectMode = "on" | "openFiles" | "off";

export const defaultSettings: Settings = {
  enable: true,
  languages: { "*": true },
  exclude: [],
  model: "bundled",
  suggestions: "balanced",
  temperature: 0,
  topP: 0.9,
  seed: 0,
  maxTokens: 64,
  maxLines: 8,
  timeBudget: "auto",
  readAhead: "always",
  editorMembers: true,
  generate: { maxTokens: 256, temperature: 0.4, topP: 0.9 },
};

/**
 * URI schemes of documents that a human writes. Left out on purpose: `git:` and other diff sides, the
 * output panel, the Source Control box, chat.
 */
export const documentSchemes: readonly string[] = [
  "file",
  "untitled",
  "vscode-remote",
  "vscode-notebook-cell",
  "vscode-vfs",
  "vsls",
];

/** Whether suggestions are on for a language: one that is not named follows `*`, without either it is on. */
export function isLanguageOn(
  languages: Readonly<Settings["languages"]>,
  languageId: string,
): boolean {
  // A language may be called like a method of every object.
  const own = (id: string) =>
    Object.hasOwn(languages, id) ? languages[id] : undefined;
  return own(languageId) ?? own("*") ?? true;
}

/** `initializationOptions`: what belongs to the process, and settings for clients that answer no `workspace/configuration`. */
export interface InitializationOptions {
  /** Threads of the engine; 0 chooses by the processor. */
  threads?: number;
  /** MiB that states and indexes of all files may hold together. */
  memoryBudget?: number;
  /** Whether the folders of the workspace are indexed; default: "on". */
  project?: ProjectMode;
  /** MiB that may be known of the project. */
  projectMemory?: number;
  /** Absolute path of the workspace's Python interpreter, whose packages are read; empty: none is named. */
  pythonPath?: string;
  /** Minutes without any work after which models are freed, until one is needed; 0: never. */
  unloadAfter?: number;
  /** The bundled model's package folder; default: the one shipped beside the server. */
  bundledModel?: string;
  /** Folder that holds further model packages, one folder each; empty: none. */
  modelsPath?: string;
  /** Whether the client takes notifications of ours, `rwkv/status` and `rwkv/request`; default: none are sent. */
  notifications?: boolean;
  /**
   * Line ends of suggested texts: `lf` for editors that write a document's own line ends by
   * themselves, `document` for those that insert the text as it is. Default: by the client's name.
   */
  lineEnds?: "lf" | "document";
  /** Whether the client answers {@link MembersRequest}; default: it is not asked. */
  members?: boolean;
  /** Folder in which states of this workspace are kept from one session to the next; empty: none. */
  statesPath?: string;
  /** The completion server, for clients that do not send `rwkv/completionServer`. */
  server?: Partial<CompletionServerOptions>;
  /** Used where the client does not answer `workspace/configuration`. */
  settings?: Partial<Omit<Settings, "generate">> & {
    generate?: Partial<Settings["generate"]>;
  };
}

/** Defaults of the settings that belong to the process: those of {@link InitializationOptions}. */
export const defaultProcessSettings = {
  threads: 0,
  memoryBudget: 256,
  modelsPath: "",
  project: "on" as ProjectMode,
  projectMemory: 96,
  unloadAfter: 60,
} satisfies InitializationOptions;

/** Why a suggestion is there. */
export type SuggestionSource = "generated" | "typed through" | "in flight";

/** Why there is no suggestion. Each step of the pipeline has its own reasons; the log shows them. */
export type NoSuggestionReason =
  // The document is not to be completed at all.
  | "off"
  | "language off"
  | "unsupported document"
  | "excluded"
  | "settings unknown"
  | "out of step"
  // Nothing is to be suggested at this place.
  | "binary"
  | "inside a character"
  | "line too long"
  | "mid-word"
  | "nothing to go on"
  | "selected item"
  | "dismissed here"
  | "deletion"
  // There is nothing to compute with.
  | "model loading"
  | "model failed"
  | "generating"
  // The request was given up.
  | "superseded"
  | "cancelled"
  | "document closed"
  | "document changed"
  | "settings changed"
  | "unknown document"
  // Generation brought nothing to show.
  | "nothing to add"
  | "not sure enough"
  | "time budget"
  | "repetition"
  | "repeats what follows"
  | "unbalanced"
  | "syntax error"
  | "failed";

/** Why generation ended. */
export type Stop =
  | "end of text"
  | "end of line"
  | "end of block"
  | "line limit"
  | "token limit"
  | "time budget"
  | "not sure enough"
  | "repetition"
  | "broken character"
  | "connection lost";

/** What a request has cost. */
export interface Timings {
  readonly prefillTokens: number;
  readonly prefillMs: number;
  readonly decodeTokens: number;
  readonly decodeMs: number;
}

/**
 * An event in the course of a request; it holds no text of a document. What was withheld is text that
 * the model generated, as a suggestion is; no log has it.
 */
export type RequestEvent =
  | {
      readonly kind: "inline completion" | "generate";
      readonly id: number;
      /** Path, line and column for people; empty where they are not known. */
      readonly place: string;
      /** The document, its language and the model that its settings name, where they are known. */
      readonly uri?: string | undefined;
      readonly languageId?: string | undefined;
      readonly model?: string | undefined;
      /** Where what is suggested comes from, why nothing is, or what a failure said. */
      readonly reason: SuggestionSource | NoSuggestionReason | Stop;
      readonly stop?: Stop | undefined;
      /** Probability that all of the suggestion is right, 0 … 1, where there is one. */
      readonly confidence?: number;
      /**
       * The values of `rwkv.suggestions` that would have shown what is suggested or withheld, as far as
       * that is known; absent for a request by hand and for a suggestion given before.
       */
      readonly settings?: readonly Suggestions[];
      /** What such a setting would have shown where nothing is suggested, and where. */
      readonly withheld?: {
        readonly position: Position;
        readonly text: string;
      };
      /** Milliseconds from the request to its answer. */
      readonly ms: number;
      readonly timings: Timings;
    }
  | {
      /**
       * "lengthened": a text that the time budget had ended has grown and begins with the suggested
       * part. The next automatic request gets it without a run of the network.
       */
      readonly kind: "accepted" | "dismissed" | "lengthened";
      /** That of the request whose suggestion it was. */
      readonly id: number;
    };

/** Sent for each {@link RequestEvent} to clients that ask for `notifications`. */
export const RequestEventNotification = new NotificationType<RequestEvent>(
  "rwkv/request",
);

/** The command of every suggestion; the client runs it, with the request's id, when one is accepted. */
export const acceptedCommand = "rwkv.suggestionAccepted";

/**
 * The user has hidden the suggestion of a request by a key: it is not shown at that position until the
 * text changes there.
 */
export const DismissedNotification = new NotificationType<{ id: number }>(
  "rwkv/dismissed",
);

/** Streams a longer continuation; partial results are {@link GenerateProgress} texts in order. */
export interface GenerateParams {
  textDocument: TextDocumentIdentifier;
  /** Where the text will be inserted. */
  position: Position;
  /** When given, the prompt is this range alone; otherwise all text before `position`. */
  selection?: Range;
  partialResultToken?: number | string;
  workDoneToken?: number | string;
}

export interface GenerateResult {
  /** The whole text, of which the partial results were the pieces. */
  text: string;
  tokens: number;
  /** Why generation ended. */
  reason: Stop | NoSuggestionReason;
}

/** The data of its errors is a {@link Message} that says the same as the error's text. */
export const GenerateRequest = new RequestType<
  GenerateParams,
  GenerateResult,
  Message | undefined
>("rwkv/generate");
export const GenerateProgress = new ProgressType<string>();

/** What the engine is doing, for the status bar. "Off here" is the client's own knowledge and the server's per document. */
export type EngineState = "loading" | "ready" | "thinking" | "failed";

export interface StatusParams {
  state: EngineState;
  /** One sentence for a human: the model's name and speed, or what failed and how to mend it. */
  message: string;
  /** The same for the client to word; without it `message` is all there is. */
  told?: Message | undefined;
  /** That the model is too slow here to be a pleasure, once requests have shown it. */
  warning?: Message | undefined;
  /** Share of loading done, 0 … 1, when known. */
  progress?: number;
  /** The completion server, if one is named. */
  server?: CompletionServerState;
}

export const StatusNotification = new NotificationType<StatusParams>(
  "rwkv/status",
);

/**
 * Tells which documents are visible and where their cursors are, the one that has the focus first.
 * A client that never sends it has every open document read, from the start to the end.
 */
export interface NotebookParams {
  uri: string;
  /** URIs of its cells of code, from first to last; none when it is closed. */
  cells: string[];
}

/** Says which cells make up a notebook. The cells themselves are documents like others. */
export const NotebookNotification = new NotificationType<NotebookParams>(
  "rwkv/notebook",
);

export interface VisibleDocumentsParams {
  documents: { uri: string; position: Position }[];
}

export const VisibleDocumentsNotification =
  new NotificationType<VisibleDocumentsParams>("rwkv/visibleDocuments");

/** Asks a client that says `members` for what its language services would offer behind a member access. */
export interface MembersParams {
  textDocument: TextDocumentIdentifier;
  /** Where the member's name starts. */
  position: Position;
  /** The end of the text before it in its line: what is typed behind it meanwhile does not matter. */
  before: string;
}

/** Most names in an answer to {@link MembersRequest}, more than types have whose members users complete. */
export const maxMembers = 500;

/** Answers names; none where nothing is known or the document has changed. */
export const MembersRequest = new RequestType<MembersParams, string[], void>(
  "rwkv/members",
);

/** What is being indexed of the project. */
export interface IndexingParams {
  phase: "idle" | "reading saved" | "looking for files" | "indexing" | "paused";
  /** Files indexed and to be indexed in this run. */
  done: number;
  total: number;
}

/** Nothing is being indexed. */
export const notIndexing: IndexingParams = { phase: "idle", done: 0, total: 0 };

/** Sent to clients that ask for `notifications`, when indexing takes more than a moment. */
export const IndexingNotification = new NotificationType<IndexingParams>(
  "rwkv/indexing",
);

/** Pauses indexing, or goes on with it; a change of settings also goes on. */
export const PauseIndexingNotification = new NotificationType<{
  paused: boolean;
}>("rwkv/pauseIndexing");

/** What is known of the project, and what that takes. */
export interface ProjectState extends IndexingParams {
  /** Files and libraries whose names are known, and how many names. */
  files: number;
  libraries: number;
  names: number;
  /** Files that can be copied from. */
  sources: number;
  /** Files of which nothing is known for want of room. */
  leftOut: number;
  /** Bytes of it all, and what they may be. */
  bytes: number;
  budget: number;
}

/** What is known of a document's text, and what its last suggestion cost. */
export interface DocumentState {
  /** Why nothing is known; empty if something is. */
  reason: NoSuggestionReason | "nothing read" | "";
  /** The model's name. */
  model: string;
  /** Tokens before the place that was asked for last. */
  tokens: number;
  /** States kept along the document; those that stand for a window of it only are apart. */
  checkpoints: number;
  approximate: number;
  /** Bytes of the document's states, tokens and indexes; of all documents; and what these may take. */
  bytes: number;
  usedBytes: number;
  budget: number;
  /** Bytes of one state, and of the states saved on disk for all documents. */
  stateBytes: number;
  savedBytes: number;
  /** The nearest other files, of which the network knows what follows in places like the present one. */
  comparedWith: number;
  /** The project, if it is indexed. */
  project?: ProjectState;
  /** The last suggestion's tokens, if there was one. */
  last?: {
    /** Tokens that were run. */
    run: number;
    /** Where the first of them started. */
    from: "start" | "checkpoint" | "saved state" | "window";
    /** Whether all text before the place was read, or a window of it. */
    exact: boolean;
    /** Tokens between the nearest exact state and the place. */
    distance: number;
  };
}

export const StateRequest = new RequestType<
  { textDocument: TextDocumentIdentifier },
  DocumentState,
  void
>("rwkv/state");

/**
 * What makes a token likely: the network, a copy from some text, what is written everywhere, or what
 * followed where the text so far meant something alike to the network.
 */
export type TokenSource =
  | "network"
  | "this file"
  | "another file"
  | "library"
  | "idiom"
  | "similar place";

/** A place that something was copied from. */
export interface SourcePlace {
  uri: string;
  position: Position;
  /** The line's text, without blanks around it; at most 200 UTF-16 units. */
  text: string;
}

/** A token of a suggestion, and where it comes from. */
export interface ExplainedToken {
  text: string;
  /** That it comes next, among those that go with what is typed, 0 … 1. */
  probability: number;
  /** What gives most of the probability. */
  source: TokenSource;
  /** The share of the probability that comes from there, 0 … 1. */
  share: number;
  place?: SourcePlace;
}

/** Where a suggestion comes from. */
export interface Explanation {
  uri: string;
  /** Where its text begins. */
  position: Position;
  model: string;
  reason: SuggestionSource | NoSuggestionReason;
  stop?: Stop;
  /** Probability that all of it is right, 0 … 1. */
  confidence: number;
  tokens: ExplainedToken[];
  /** The name that it begins with, where that was chosen whole from those that are known. */
  name?: ExplainedToken;
  /** What rules took off its end. */
  cuts: { reason: NoSuggestionReason; text: string }[];
  /** Milliseconds from the request to its answer. */
  ms: number;
  timings: Timings;
}

export interface ExplainResult {
  /** Why nothing can be explained; empty if something is. */
  reason: NoSuggestionReason | "nothing suggested" | "";
  explanation?: Explanation;
}

/** Where the last suggestion comes from: the one on screen, if there is one. */
export const ExplainRequest = new RequestType<
  Record<string, never>,
  ExplainResult,
  void
>("rwkv/explain");

/** The same for clients without a page of ours: a command that answers lines of text. */
export const explainAsTextCommand = "rwkv.explainAsText";

/** Deletes all saved states of this workspace; answers how many bytes they took. */
export const ClearStatesRequest = new RequestType<
  Record<string, never>,
  { bytes: number },
  void
>("rwkv/clearStates");

/** Is answered at once, with nothing: a sign of life. */
export const PingRequest = new RequestType<Record<string, never>, null, void>(
  "rwkv/ping",
);

/** What the answer to `initialize` has beyond the standard: the id of the engine's process. */
export const processIdKey = "rwkvProcessId";

/** Asks whether suggestions are on for a document, and if not, why. */
export interface AvailabilityParams {
  textDocument: TextDocumentIdentifier;
}
export interface Availability {
  on: boolean;
  /** Why they are off; empty when they are on. */
  reason: NoSuggestionReason | "";
}
export const AvailabilityRequest = new RequestType<
  AvailabilityParams,
  Availability,
  void
>("rwkv/availability");

/**
 * Makes a model package from a checkpoint; work-done progress tells the bytes. A cancelled or failed
 * import leaves nothing behind.
 */
export interface ImportModelParams {
  /** Path of the checkpoint: .pth, .safetensors, .gguf, or rwkv.cpp's .bin. */
  source: string;
  /** Folder of models; the package becomes the folder `name` in it. */
  modelsPath: string;
  name: string;
  quantisation: "int8" | "int4" | "none";
  /** Path of the tokenizer's file, where it lies neither in the checkpoint nor beside it. */
  tokenizer?: string;
  /** SPDX identifier, where the checkpoint does not bring it. */
  license?: string;
  workDoneToken?: number | string;
}

export interface ImportModelResult {
  name: string;
  /** What quantisation costs, or why that was not measured; no full stop. */
  loss: string;
  /** The same for the client to word. */
  told: Message;
}

/** Data of the error that answers an import. */
export interface ImportModelFailure {
  /** The same request with this file would go on. */
  missing?: "tokenizer";
  /** What the error says, for the client to word. */
  told?: Message;
}

export const ImportModelRequest = new RequestType<
  ImportModelParams,
  ImportModelResult,
  ImportModelFailure | undefined
>("rwkv/importModel");

/** A model that settings can name. */
export interface ListedModel {
  /** `bundled`, or the name of its folder in the models folder. */
  name: string;
  folder: string;
  /** Why it cannot be used; no full stop. What is below is empty then. */
  problem?: Message;
  /** What its makers call it. */
  title: string;
  license: string;
  generation: string;
  parameters: number;
  quantisation: string;
  /** Bytes of its weights, which lie in memory while it is in use, and of those that a token reads. */
  bytes: number;
  bytesPerToken: number;
  /** Tokens a second that this process has measured, if it has the model loaded. */
  tokensPerSecond?: number;
}

/** Asks which models there are; the bundled one comes first. */
export const ModelsRequest = new RequestType<
  Record<string, never>,
  { models: ListedModel[] },
  void
>("rwkv/models");

/** Deletes a model of the models folder from the disk; answers an error that says why it cannot. */
export const RemoveModelRequest = new RequestType<
  { name: string },
  null,
  Message | undefined
>("rwkv/removeModel");
