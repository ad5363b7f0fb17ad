import {
  CancellationTokenSource,
  commands,
  l10n,
  ProgressLocation,
  Selection,
  window,
  type CancellationToken,
  type Disposable,
  type LogOutputChannel,
  type TextEditor,
} from "vscode";
import type { GenerateResult } from "../protocol";
import type { Supervisor } from "./supervisor";
import { showFailure } from "./failure";
import { reasonText } from "../reasonText";
import { isSelected } from "./selector";
import { StreamingEdit } from "./streamingEdit";

/** The command *Generate*: a longer continuation, streamed into the editor until it ends or is stopped. */
export class Generate implements Disposable {
  private readonly running = new Map<string, CancellationTokenSource>();

  constructor(
    private readonly engine: Supervisor,
    private readonly log: LogOutputChannel,
  ) {}

  /** Whether *Generate* is writing into a document. */
  isRunningIn(uri: string): boolean {
    return this.running.has(uri);
  }

  /** Continues at the cursor of the active editor, or after its selection. */
  async run(): Promise<void> {
    const editor = window.activeTextEditor;
    if (!editor) return;
    const uri = editor.document.uri.toString();
    if (this.running.has(uri)) return;
    if (!isSelected(editor.document)) {
      void window.showInformationMessage(
        l10n.t("RWKV does not write into this kind of document."),
      );
      return;
    }
    const cancellation = new CancellationTokenSource();
    this.running.set(uri, cancellation);
    this.showRunning();
    try {
      await window.withProgress(
        {
          location: ProgressLocation.Notification,
          title: l10n.t("RWKV is writing; Escape stops it."),
          cancellable: true,
        },
        (_, token) => {
          token.onCancellationRequested(() => cancellation.cancel());
          return this.write(editor, cancellation);
        },
      );
    } catch (error) {
      if (!cancellation.token.isCancellationRequested)
        showFailure(this.log, "generate", error, (reason) =>
          l10n.t("RWKV could not write: {0}", reason),
        );
    } finally {
      this.running.delete(uri);
      this.showRunning();
      cancellation.dispose();
    }
  }

  /** Stops writing into the active editor's document; what is written stays. */
  cancel(): void {
    const uri = window.activeTextEditor?.document.uri.toString();
    if (uri !== undefined) this.running.get(uri)?.cancel();
  }

  dispose(): void {
    for (const cancellation of this.running.values()) cancellation.cancel();
  }

  private async write(
    editor: TextEditor,
    cancellation: CancellationTokenSource,
  ): Promise<void> {
    const client = await orCancelled(this.engine.ready(), cancellation.token);
    if (!client) return;
    const { document, selection } = editor;
    const position = selection.end;
    editor.selection = new Selection(position, position);
    const stream = new StreamingEdit(editor, position, () =>
      cancellation.cancel(),
    );
    try {
      const result = await client.generate(
        { document, position, ...(selection.isEmpty ? {} : { selection }) },
        (text) => stream.push(text),
        cancellation.token,
      );
      await stream.finish();
      this.report(result, cancellation.token);
    } finally {
      // A request that was cancelled or failed may have written text: this ends its undo step.
      await stream.finish();
      stream.dispose();
    }
  }

  private report(
    { text, tokens, reason }: GenerateResult,
    token: CancellationToken,
  ): void {
    this.log.info(`generate: ${tokens} tokens, ${reason}`);
    if (text === "" && !token.isCancellationRequested) {
      void window.showInformationMessage(
        l10n.t("RWKV wrote nothing here: {0}.", reasonText(reason, l10n.t)),
      );
    }
  }

  /** Sets the context key while *Generate* is running: only then does Escape stop it. */
  private showRunning(): void {
    void commands.executeCommand(
      "setContext",
      "rwkv.generating",
      this.running.size > 0,
    );
  }
}

/** Resolves as `value` does, or to undefined if the user cancels before that. */
async function orCancelled<T>(
  value: Promise<T>,
  token: CancellationToken,
): Promise<T | undefined> {
  return Promise.race([
    value,
    new Promise<undefined>((resolve) =>
      token.onCancellationRequested(() => resolve(undefined)),
    ),
  ]);
}
