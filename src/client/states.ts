import { env, l10n, window, type LogOutputChannel } from "vscode";
import type { Availability } from "./availability";
import type { Supervisor } from "./supervisor";
import { showFailure } from "./failure";
import { formatBytes, stateReport } from "./stateReport";
import { reasonText } from "../reasonText";

/** The commands *Show State* and *Clear Saved States*. */
export class States {
  constructor(
    private readonly engine: Pick<Supervisor, "ready">,
    private readonly availability: Pick<Availability, "of">,
    private readonly log: LogOutputChannel,
  ) {}

  /** Shows what the engine knows of the active document. */
  async show(): Promise<void> {
    const document = window.activeTextEditor?.document;
    if (!document) return this.showNone("unsupported document");
    const here = this.availability.of(document);
    // The reason is known here, so no engine is started to tell it.
    if (!here.on) return this.showNone(here.reason);
    try {
      const client = await this.engine.ready();
      const state = await client.state(document);
      if (state.reason !== "") return this.showNone(state.reason);
      const name = document.uri.path.split("/").at(-1) ?? "";
      void window.showInformationMessage(l10n.t("RWKV state of {0}", name), {
        modal: true,
        detail: stateReport(state, l10n.t, env.language),
      });
    } catch (error) {
      showFailure(this.log, "state", error, (reason) =>
        l10n.t("RWKV could not tell its state: {0}.", reason),
      );
    }
  }

  /** Deletes the saved states of this workspace. */
  async clearSaved(): Promise<void> {
    try {
      const client = await this.engine.ready();
      const { bytes } = await client.clearStates();
      this.log.info(`saved states cleared: ${bytes} bytes`);
      void window.showInformationMessage(
        bytes === 0
          ? l10n.t("RWKV has no saved states of this workspace.")
          : l10n.t(
              "RWKV deleted its saved states of this workspace: {0}.",
              formatBytes(bytes, env.language),
            ),
      );
    } catch (error) {
      showFailure(this.log, "clear states", error, (reason) =>
        l10n.t("RWKV could not delete its saved states: {0}.", reason),
      );
    }
  }

  private showNone(reason: string): void {
    void window.showInformationMessage(
      l10n.t(
        "RWKV has no state of this file: {0}.",
        reasonText(reason, l10n.t),
      ),
    );
  }
}
