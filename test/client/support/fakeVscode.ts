import Module, { createRequire } from "node:module";
import { join } from "node:path";

/** What a dialog was called with: its text, and everything else. */
export interface Asked {
  kind: "open" | "save" | "pick" | "input" | "info" | "warning" | "error";
  text: string;
  rest: readonly unknown[];
}

export interface Update {
  key: string;
  value: unknown;
  target: string;
}

/** As much of a text editor as the client looks at. */
export interface FakeTextEditor {
  document: { uri: Uri; languageId: string };
  selection: { active: { line: number; character: number } };
}

type Uri = { scheme: string; path: string; toString(): string };

/** A text editor on a file of this path, with the cursor at a place. */
export function textEditor(
  path: string,
  line = 0,
  character = 0,
): FakeTextEditor {
  const uri = { scheme: "file", path, toString: () => `file://${path}` };
  return {
    document: { uri, languageId: "typescript" },
    selection: { active: { line, character } },
  };
}

/** An event that a test fires. */
export class FakeEvent<T = void> {
  private readonly listeners = new Set<(value: T) => void>();

  readonly event = (listener: (value: T) => void) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of this.listeners) listener(value);
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** A page of the extension's own. */
export class FakePanel {
  readonly webview;
  readonly received = new FakeEvent<unknown>();
  readonly viewChanged = new FakeEvent();
  readonly disposed = new FakeEvent();
  visible = true;
  readonly onDidChangeViewState = this.viewChanged.event;
  readonly onDidDispose = this.disposed.event;

  constructor(readonly options: unknown) {
    this.webview = { html: "", onDidReceiveMessage: this.received.event };
  }

  reveal(): void {}

  dispose(): void {
    this.disposed.fire();
  }
}

/** A place in a document. */
export class FakePosition {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}

  isEqual({ line, character }: FakePosition): boolean {
    return line === this.line && character === this.character;
  }
}

/** A provider of inline completions that is registered. */
export interface FakeInlineProvider {
  readonly selector: unknown;
  readonly provider: {
    provideInlineCompletionItems(...request: unknown[]): unknown;
  };
}

/** The part of the editor that a command sees: dialogs that answer by script, and settings. */
export class FakeEditor {
  /** Answers a dialog; undefined closes it. */
  answer: (asked: Asked) => unknown = () => undefined;
  readonly asked: Asked[] = [];
  readonly settings = new Map<string, unknown>();
  /** Those of the workspace, which win. */
  readonly workspaceSettings = new Map<string, unknown>();
  readonly updates: Update[] = [];
  readonly reports: { message?: string; increment?: number }[] = [];
  language = "en";
  activeTextEditor: FakeTextEditor | undefined;
  visibleTextEditors: FakeTextEditor[] = [];
  /** Fires for whatever changes in the text editors. */
  readonly changed = new FakeEvent();
  /** Fire for what happens to documents and settings. */
  readonly configurationChanged = new FakeEvent<{
    affectsConfiguration(section: string): boolean;
  }>();
  readonly documentOpened = new FakeEvent<unknown>();
  readonly documentClosed = new FakeEvent<unknown>();
  readonly documentChanged = new FakeEvent<unknown>();
  readonly notebookOpened = new FakeEvent<unknown>();
  readonly notebookChanged = new FakeEvent<unknown>();
  readonly notebookClosed = new FakeEvent<unknown>();
  notebookDocuments: unknown[] = [];
  /** Told the scope whenever settings are read. */
  onConfiguration: (scope: unknown) => void = () => {};
  /** Documents that are open, for what looks them up. */
  textDocuments: FakeTextEditor["document"][] = [];
  /** Commands that were run, with their arguments, and what they bring. */
  readonly commands: unknown[][] = [];
  onCommand: (...given: unknown[]) => unknown = () => undefined;
  readonly languageStatus: Record<string, unknown>[] = [];
  inlineProviders: FakeInlineProvider[] = [];
  /** Pages in the order in which they were opened. */
  readonly panels: FakePanel[] = [];
  /** Where documents were shown. */
  readonly documentsShown: { uri: string; line: number }[] = [];
  /** What was written to files, by path. */
  readonly written = new Map<string, string>();
  isTrusted = true;
  hasFolder = true;
  /** Folders of the workspace, where there is one. */
  workspaceFolders: { name?: string; uri?: string | { fsPath: string } }[] = [
    { uri: { fsPath: "/work" } },
  ];
  /** The path of the folder. */
  set folder(fsPath: string) {
    this.workspaceFolders = [{ uri: { fsPath } }];
  }
  /** Other extensions by their names. */
  readonly extensions = new Map<string, unknown>();
  /** Cancels the progress that is shown. */
  cancel = () => {};

  /** Loads a module of src/client anew, so that it sees this editor. */
  load<T>(name: string): T {
    const load = createRequire(__filename);
    const client = join(__dirname, "..", "..", "..", "src", "client");
    for (const path of Object.keys(load.cache))
      if (path.startsWith(client)) Reflect.deleteProperty(load.cache, path);
    return this.providing(() => load(join(client, name)) as T);
  }

  /** Stands in for the module `vscode` in whatever `load` requires. */
  private providing<T>(load: () => T): T {
    const loader = Module as unknown as {
      _load: (request: string, ...rest: unknown[]) => unknown;
    };
    const original = loader._load;
    loader._load = (request, ...rest) =>
      request === "vscode"
        ? this.api()
        : original.call(loader, request, ...rest);
    try {
      return load();
    } finally {
      loader._load = original;
    }
  }

  private api() {
    const ask = (kind: Asked["kind"], text: string, ...rest: unknown[]) => {
      const asked = { kind, text, rest };
      this.asked.push(asked);
      return Promise.resolve(this.answer(asked));
    };
    const message =
      (kind: Asked["kind"]) =>
      (text: string, ...rest: unknown[]) =>
        ask(kind, text, ...rest);
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for getters
    const editor = this;
    return {
      EventEmitter: FakeEvent,
      Position: FakePosition,
      Range: class {
        constructor(
          readonly start: FakePosition,
          readonly end: FakePosition,
        ) {}
      },
      CompletionItemKind: {
        Text: 0,
        Method: 1,
        Keyword: 13,
        Color: 15,
        File: 16,
        Folder: 18,
        Snippet: 14,
      },
      InlineCompletionTriggerKind: { Invoke: 0, Automatic: 1 },
      ConfigurationTarget: {
        Global: "global",
        Workspace: "workspace",
        WorkspaceFolder: "folder",
      },
      QuickPickItemKind: { Separator: -1, Default: 0 },
      NotebookCellKind: { Markup: 1, Code: 2 },
      InputBoxValidationSeverity: { Warning: 2 },
      ProgressLocation: { Notification: 15 },
      ViewColumn: { Active: -1, Beside: -2, One: 1 },
      Uri: {
        parse: (uri: string) => ({ toString: () => uri }),
        file: (fsPath: string) => ({ scheme: "file", fsPath }),
        joinPath: (base: { fsPath: string }, name: string) => ({
          fsPath: `${base.fsPath}/${name}`,
        }),
      },
      l10n: {
        t: (text: string, ...values: unknown[]) =>
          text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])),
      },
      workspace: {
        get isTrusted() {
          return editor.isTrusted;
        },
        get workspaceFolders() {
          return editor.hasFolder ? editor.workspaceFolders : undefined;
        },
        getWorkspaceFolder: ({ path }: { path: string }) =>
          this.workspaceFolders.find(
            ({ uri }) => typeof uri === "string" && path.startsWith(`${uri}/`),
          ),
        get textDocuments() {
          return editor.textDocuments;
        },
        onDidChangeConfiguration: this.configurationChanged.event,
        onDidOpenTextDocument: this.documentOpened.event,
        onDidCloseTextDocument: this.documentClosed.event,
        fs: {
          writeFile: ({ fsPath }: { fsPath: string }, bytes: Uint8Array) => {
            this.written.set(fsPath, Buffer.from(bytes).toString("utf8"));
            return Promise.resolve();
          },
        },
        onDidChangeTextDocument: this.documentChanged.event,
        get notebookDocuments() {
          return editor.notebookDocuments;
        },
        onDidOpenNotebookDocument: this.notebookOpened.event,
        onDidChangeNotebookDocument: this.notebookChanged.event,
        onDidCloseNotebookDocument: this.notebookClosed.event,
        getConfiguration: (_section: unknown, scope: unknown) => {
          editor.onConfiguration(scope);
          return {
            get: (key: string, otherwise: unknown) =>
              this.workspaceSettings.get(key) ??
              this.settings.get(key) ??
              otherwise,
            inspect: (key: string) => ({
              globalValue: this.settings.get(key),
              workspaceValue: this.workspaceSettings.get(key),
            }),
            update: (key: string, value: unknown, target: string) => {
              this.updates.push({ key, value, target });
              return Promise.resolve();
            },
          };
        },
      },
      commands: {
        executeCommand: (...given: unknown[]) => {
          this.commands.push(given);
          return Promise.resolve(this.onCommand(...given));
        },
      },
      LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
      languages: {
        registerInlineCompletionItemProvider: (
          selector: unknown,
          provider: FakeInlineProvider["provider"],
        ) => {
          const registered = { selector, provider };
          this.inlineProviders.push(registered);
          const isOther = (each: unknown) => each !== registered;
          return {
            dispose: () =>
              (this.inlineProviders = this.inlineProviders.filter(isOther)),
          };
        },
        createLanguageStatusItem: (id: string, selector: unknown) => {
          const item = { id, selector, dispose: () => {} };
          this.languageStatus.push(item);
          return item;
        },
      },
      extensions: {
        getExtension: (name: string) => this.extensions.get(name),
      },
      env: { language: this.language },
      window: {
        get activeTextEditor() {
          return editor.activeTextEditor;
        },
        get visibleTextEditors() {
          return editor.visibleTextEditors;
        },
        onDidChangeActiveTextEditor: this.changed.event,
        onDidChangeVisibleTextEditors: this.changed.event,
        onDidChangeTextEditorSelection: this.changed.event,
        createWebviewPanel: (...given: unknown[]) => {
          const panel = new FakePanel(given.at(-1));
          this.panels.push(panel);
          return panel;
        },
        showTextDocument: (
          uri: { toString(): string },
          { selection }: { selection: { start: FakePosition } },
        ) => {
          const { line } = selection.start;
          this.documentsShown.push({ uri: uri.toString(), line });
          return Promise.resolve();
        },
        showSaveDialog: (options: { title: string }) =>
          ask("save", options.title, options),
        showOpenDialog: (options: { title: string }) =>
          ask("open", options.title, options),
        showQuickPick: (items: unknown, options: { title: string }) =>
          ask("pick", options.title, items),
        showInputBox: (options: { title: string }) =>
          ask("input", options.title, options),
        showInformationMessage: message("info"),
        showWarningMessage: message("warning"),
        showErrorMessage: message("error"),
        withProgress: (
          _: unknown,
          run: (progress: unknown, token: unknown) => unknown,
        ) => {
          const cancelled = new FakeEvent();
          const token = {
            isCancellationRequested: false,
            onCancellationRequested: cancelled.event,
          };
          this.cancel = () => {
            token.isCancellationRequested = true;
            cancelled.fire();
          };
          const report = (value: (typeof this.reports)[0]) =>
            this.reports.push(value);
          return Promise.resolve(run({ report }, token));
        },
      },
    };
  }
}
