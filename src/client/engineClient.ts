import type {
  CancellationToken,
  InlineCompletionItemProvider,
  Position,
  Range,
  TextDocument,
  Uri,
} from "vscode";
import type { Message } from "../messages";
import type {
  Availability,
  CompletionServerOptions,
  DocumentState,
  ExplainResult,
  GenerateResult,
  ImportModelParams,
  ImportModelResult,
  IndexingParams,
  ListedModel,
  RequestEvent,
  StatusParams,
} from "../protocol";

/**
 * A connection to the engine, as the rest of the client uses it. The implementation imports the LSP
 * library, which is large and is loaded only after activation; this file imports types alone.
 */
export interface EngineClient {
  /** Whether requests can be sent now. */
  readonly running: boolean;
  /** Resolves when the engine answers requests. */
  start(): Promise<void>;
  /** Resolves when the engine has shut down. */
  stop(): Promise<void>;
  /** Whether suggestions are on for a document. */
  availability(document: TextDocument): Promise<Availability>;
  /** What the engine knows of a document's text. */
  state(document: TextDocument): Promise<DocumentState>;
  /** Deletes the saved states of this workspace; resolves to the bytes that they took. */
  clearStates(): Promise<{ bytes: number }>;
  /** Requests suggestions in the way that the editor does, through the middleware. */
  readonly inlineCompletions: InlineCompletionItemProvider["provideInlineCompletionItems"];
  /** Tells the engine that the user has hidden the suggestion of a request. */
  dismiss(id: number): Promise<void>;
  /** Tells the engine which completion server to use; without an address, none. */
  nameServer(options: Partial<CompletionServerOptions>): Promise<void>;
  /** Pauses or resumes the indexing of the project. */
  pauseIndexing(paused: boolean): Promise<void>;
  /** Where the last suggestion comes from. */
  explain(): Promise<ExplainResult>;
  /** Tells the engine which documents are visible, the one with the focus first. */
  showVisible(documents: readonly DocumentPlace[]): Promise<void>;
  /** Tells the engine the code cells of a notebook, in their order; none: it is closed. */
  showNotebook(notebook: Uri, cells: readonly Uri[]): Promise<void>;
  /** Generates a longer continuation. `onText` gets its pieces in order; the result has the whole text. */
  generate(
    prompt: GeneratePrompt,
    onText: (text: string) => void,
    token: CancellationToken,
  ): Promise<GenerateResult>;
  /** Makes a model of a checkpoint. If that fails, the error's `data` is an `ImportModelFailure`. */
  importModel(
    params: ImportModelParams,
    onProgress: (progress: ImportModelProgress) => void,
    token: CancellationToken,
  ): Promise<ImportModelResult>;
  /** The models that settings can name, the bundled one first. */
  models(): Promise<ListedModel[]>;
  /** Deletes a model from the disk. */
  removeModel(name: string): Promise<void>;
}

/** A visible document. */
export interface DocumentPlace {
  document: TextDocument;
  /** Where its cursor is. */
  position: Position;
}

export interface ImportModelProgress {
  message?: string | undefined;
  /** The same as a code, which the client words in the user's language. */
  told?: Message | undefined;
  /** 0 … 100, never less than before. */
  percentage?: number | undefined;
}

export interface GeneratePrompt {
  document: TextDocument;
  /** Where the text will be inserted. */
  position: Position;
  /** When given, the prompt is this range alone. */
  selection?: Range;
}

export interface EngineEvents {
  onStatus(status: StatusParams): void;
  /** An event in the course of a request; it arrives before the request's answer. */
  onRequest(event: RequestEvent): void;
  /** How far the indexing of the project is. */
  onIndexing(progress: IndexingParams): void;
  /** The process ended without being asked to; called once at most. */
  onEnded(reason: string): void;
}
