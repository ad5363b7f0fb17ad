import {
  env,
  l10n,
  Position,
  Uri,
  ViewColumn,
  window,
  workspace,
  type Disposable,
  type LogOutputChannel,
  type WebviewPanel,
} from "vscode";
import { defaultSettings, type Suggestions as Setting } from "../../protocol";
import { showFailure } from "../failure";
import type { CompletionEvent, Suggestions } from "../suggestions";
import { newNonce } from "../webPage";
import { Offers } from "./offers";
import { statisticsPage, type PageMessage } from "./page";
import { StatisticsStore } from "./store";

/** Milliseconds between two comparisons with the documents; the counts are saved as often. */
const interval = 30_000;

/** Counts what becomes of suggestions. The command *Statistics* shows the counts on a page. */
export class Statistics implements Disposable {
  private readonly store: StatisticsStore;
  private readonly offers: Offers;
  private readonly subscriptions: Disposable[];
  private readonly timer: NodeJS.Timeout;
  private panel: WebviewPanel | undefined;

  constructor(
    suggestions: Pick<Suggestions, "onDidOffer" | "onDidRequest">,
    storage: Uri,
    private readonly log: LogOutputChannel,
  ) {
    this.store = new StatisticsStore(
      Uri.joinPath(storage, "statistics.json").fsPath,
    );
    this.offers = new Offers((row) => this.store.count(row));
    this.subscriptions = [
      suggestions.onDidOffer(({ document, position, text, event }) =>
        this.offers.offer({
          id: event.id,
          uri: document.uri.toString(),
          offset: document.offsetAt(position),
          text,
          languageId: document.languageId,
          model: event.model ?? "",
          ms: event.ms,
          isRest: event.reason === "typed through",
          settings: event.settings ?? [],
        }),
      ),
      suggestions.onDidRequest((event) => {
        if (event.kind === "accepted") this.offers.accepted(event.id);
        else if (
          event.kind === "inline completion" &&
          event.reason === "not sure enough"
        )
          this.withheld(event);
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) =>
        this.offers.changed(
          document.uri.toString(),
          contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
            offset: rangeOffset,
            length: rangeLength,
            text,
          })),
        ),
      ),
      workspace.onDidCloseTextDocument((document) =>
        this.offers.closed(document.uri.toString()),
      ),
    ];
    this.timer = setInterval(() => void this.settle(), interval);
    this.timer.unref();
  }

  /** Opens the page, or brings it to the front with the present counts. */
  async show(): Promise<void> {
    this.panel ??= this.openPanel();
    this.panel.reveal();
    await this.render();
  }

  /** Resolves when the counts are saved, or could not be. */
  async dispose(): Promise<void> {
    clearInterval(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.panel?.dispose();
    await this.settle();
  }

  private withheld(event: CompletionEvent): void {
    const { id, uri, ms, settings = [], withheld } = event;
    const languageId = event.languageId ?? "";
    const model = event.model ?? "";
    this.offers.withheld(languageId, model);
    const document = workspace.textDocuments.find(
      (open) => open.uri.toString() === uri,
    );
    if (withheld === undefined || uri === undefined || !document) return;
    const { line, character } = withheld.position;
    this.offers.offer({
      ...{ id, uri, languageId, model, ms, settings },
      offset: document.offsetAt(new Position(line, character)),
      text: withheld.text,
      isRest: false,
      isWithheld: true,
    });
  }

  private openPanel(): WebviewPanel {
    const panel = window.createWebviewPanel(
      "rwkv.statistics",
      l10n.t("RWKV statistics"),
      ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [] },
    );
    panel.webview.onDidReceiveMessage((message: PageMessage) => {
      if (message === "export") void this.export();
      if (message === "clear") void this.clear();
    });
    // The event also fires when the focus moves. The page is not rendered then: the button that has
    // the focus would be replaced and lose it.
    let wasVisible = true;
    panel.onDidChangeViewState(() => {
      if (panel.visible && !wasVisible) void this.render();
      wasVisible = panel.visible;
    });
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }

  private async render(options?: { focusHeading: boolean }): Promise<void> {
    const rows = await this.store.rows();
    if (!this.panel) return;
    this.panel.webview.html = statisticsPage(
      rows,
      l10n.t,
      env.language,
      newNonce(),
      {
        ...options,
        setting: workspace
          .getConfiguration("rwkv")
          .get<Setting>("suggestions", defaultSettings.suggestions),
      },
    );
  }

  private async export(): Promise<void> {
    try {
      const target = await window.showSaveDialog({
        title: l10n.t("Export the statistics"),
        filters: { JSON: ["json"] },
      });
      this.panel?.reveal();
      if (!target) return;
      const text = JSON.stringify(await this.store.rows(), undefined, 2);
      await workspace.fs.writeFile(target, Buffer.from(`${text}\n`));
    } catch (error) {
      showFailure(this.log, "export statistics", error, (reason) =>
        l10n.t("RWKV could not export the statistics: {0}.", reason),
      );
    }
  }

  private async clear(): Promise<void> {
    const clear = l10n.t("Clear");
    const choice = await window.showWarningMessage(
      l10n.t("Delete all figures of RWKV on this machine?"),
      { modal: true },
      clear,
    );
    this.panel?.reveal();
    if (choice !== clear) return;
    try {
      await this.store.clear();
      await this.render({ focusHeading: true });
    } catch (error) {
      showFailure(this.log, "clear statistics", error, (reason) =>
        l10n.t("RWKV could not delete the statistics: {0}.", reason),
      );
    }
  }

  private async settle(): Promise<void> {
    this.offers.settle((uri, offset, length) =>
      workspace.textDocuments
        .find((document) => document.uri.toString() === uri)
        ?.getText()
        .slice(offset, offset + length),
    );
    try {
      await this.store.save();
    } catch (error) {
      // Another window is writing, or the disk is full: the store keeps the counts for the next try.
      this.log.debug(`statistics: ${String(error)}`);
    }
  }
}
