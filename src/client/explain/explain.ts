import {
  env,
  l10n,
  Position,
  Range,
  Uri,
  ViewColumn,
  window,
  type Disposable,
  type LogOutputChannel,
  type WebviewPanel,
} from "vscode";
import type { Explanation, SourcePlace } from "../../protocol";
import { showFailure } from "../failure";
import type { Supervisor } from "../supervisor";
import { newNonce } from "../webPage";
import {
  explanationPage,
  nothingPage,
  placesOf,
  type PageMessage,
} from "./page";

/** The command *Explain Suggestion*: a page beside the editor that shows where the last suggestion comes from. */
export class Explain implements Disposable {
  private panel: WebviewPanel | undefined;
  private shown: Explanation | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "ready">,
    private readonly log: LogOutputChannel,
  ) {}

  async run(): Promise<void> {
    try {
      const client = await this.engine.ready();
      const { reason, explanation } = await client.explain();
      this.shown = explanation;
      this.panel ??= this.openPanel();
      this.panel.webview.html = explanation
        ? explanationPage(explanation, l10n.t, env.language, newNonce())
        : nothingPage(reason, l10n.t, env.language, newNonce());
      this.panel.reveal();
    } catch (error) {
      showFailure(this.log, "explain", error, (reason) =>
        l10n.t("RWKV could not explain the suggestion: {0}.", reason),
      );
    }
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private openPanel(): WebviewPanel {
    const panel = window.createWebviewPanel(
      "rwkv.explain",
      l10n.t("Where this suggestion comes from"),
      ViewColumn.Beside,
      { enableScripts: true, localResourceRoots: [] },
    );
    panel.webview.onDidReceiveMessage(({ open }: PageMessage) => {
      const place = this.shown && placesOf(this.shown)[open];
      if (place) void this.open(place);
    });
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }

  /** Opens a place in the first column of editors, beside the page. */
  private async open({ uri, position }: SourcePlace): Promise<void> {
    const { line, character } = position;
    const at = new Position(line, character);
    try {
      await window.showTextDocument(Uri.parse(uri), {
        viewColumn: ViewColumn.One,
        selection: new Range(at, at),
      });
    } catch (error) {
      showFailure(this.log, "explain", error, (reason) =>
        l10n.t("RWKV could not open the file: {0}.", reason),
      );
    }
  }
}
