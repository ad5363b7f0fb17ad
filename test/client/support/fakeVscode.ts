import Module from "node:module";

/** What a dialog was called with: its text, and everything else. */
export interface Asked {
  kind: "open" | "pick" | "input" | "info" | "warning" | "error";
  text: string;
  rest: readonly unknown[];
}

export interface Update {
  key: string;
  value: unknown;
  target: string;
}

/** The part of the editor that a command sees: dialogs that answer by script, and settings. */
export class FakeEditor {
  /** Answers a dialog; undefined closes it. */
  answer: (asked: Asked) => unknown = () => undefined;
  readonly asked: Asked[] = [];
  readonly settings = new Map<string, unknown>();
  readonly updates: Update[] = [];
  readonly reports: { message?: string; increment?: number }[] = [];
  isTrusted = true;
  hasFolder = true;
  /** Cancels the progress that is shown. */
  cancel = () => {};

  /** Stands in for the module `vscode` in whatever `load` requires. */
  providing<T>(load: () => T): T {
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
      ConfigurationTarget: { Global: "global", Workspace: "workspace" },
      InputBoxValidationSeverity: { Warning: 2 },
      ProgressLocation: { Notification: 15 },
      Uri: {
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
          return editor.hasFolder ? [{}] : undefined;
        },
        getConfiguration: () => ({
          get: (key: string, otherwise: unknown) =>
            this.settings.get(key) ?? otherwise,
          update: (key: string, value: unknown, target: string) => {
            this.updates.push({ key, value, target });
            return Promise.resolve();
          },
        }),
      },
      window: {
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
          const token = { isCancellationRequested: false };
          this.cancel = () => (token.isCancellationRequested = true);
          const report = (value: (typeof this.reports)[0]) =>
            this.reports.push(value);
          return Promise.resolve(run({ report }, token));
        },
      },
    };
  }
}
