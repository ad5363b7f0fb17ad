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
 * What the rest of the client asks of a connection to the engine. The implementation pulls in the
 * LSP library, which is loaded only once activation is over; everything else stays light.
 */
export interface EngineClient {
  /** Whether requests can be sent this moment. */
  readonly running: boolean;
  /** Resolves when the engine answers requests. */
  start(): Promise<void>;
  /** Resolves when the engine has shut down. */
  stop(): Promise<void>;
  availability(document: TextDocument): Promise<Availability>;
  /** What the engine knows of a document's text. */
  state(document: TextDocument): Promise<DocumentState>;
  /** Deletes the saved states of this workspace; resolves to the bytes that they took. */
  clearStates(): Promise<{ bytes: number }>;
  /** What the engine suggests, as the editor is given it. */
  readonly inlineCompletions: InlineCompletionItemProvider["provideInlineCompletionItems"];
  /** Tells that the user has hidden the suggestion of a request. */
  dismiss(id: number): Promise<void>;
  /** Tells which completion server the user has named; without an address, none. */
  nameServer(options: Partial<CompletionServerOptions>): Promise<void>;
  /** Pauses the indexing of the project, or goes on with it. */
  pauseIndexing(paused: boolean): Promise<void>;
  /** Where the last suggestion comes from. */
  explain(): Promise<ExplainResult>;
  /** Tells which documents are visible, the one with the focus first. */
  showVisible(documents: readonly DocumentPlace[]): Promise<void>;
  /** Tells a notebook's cells of code, in their order. */
  showNotebook(notebook: Uri, cells: readonly Uri[]): Promise<void>;
  /** Passes on the pieces of the text in order, then resolves to the whole. */
  generate(
    prompt: GeneratePrompt,
    onText: (text: string) => void,
    token: CancellationToken,
  ): Promise<GenerateResult>;
  /** Rejects with an error whose `data` is an `ImportModelFailure` when a file is missing. */
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

export interface DocumentPlace {
  document: TextDocument;
  /** Where its cursor is. */
  position: Position;
}

export interface ImportModelProgress {
  message?: string | undefined;
  /** The same as a code, to be worded by the client. */
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
