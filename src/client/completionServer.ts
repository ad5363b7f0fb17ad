import {
  ConfigurationTarget,
  l10n,
  window,
  workspace,
  type Disposable,
  type LogOutputChannel,
  type QuickPickItem,
  type SecretStorage,
} from "vscode";
import { defaultServer, type CompletionServerOptions } from "../protocol";
import type { EngineClient } from "./engineClient";
import type { Supervisor } from "./supervisor";

/**
 * Tells each engine process which completion server the user has named, and lets the user name one.
 * Only the user's own settings can name a server, not those of a workspace. The editor's secret storage
 * has the keys, one for each origin, so that no server gets the key of another.
 */
export class CompletionServer implements Disposable {
  private readonly subscriptions: Disposable[];
  private publishedTo: EngineClient | undefined;
  private publications = 0;

  constructor(
    private readonly engine: Pick<Supervisor, "client" | "onDidChangeStatus">,
    private readonly secrets: SecretStorage,
    private readonly log: LogOutputChannel,
  ) {
    this.subscriptions = [
      engine.onDidChangeStatus(() => {
        if (engine.client !== this.publishedTo) void this.publish();
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("rwkv.server")) void this.publish();
      }),
      secrets.onDidChange(() => void this.publish()),
    ];
  }

  /** The command *Completion Server…*: names a server, sets its key, or returns to the local model alone. */
  async run(): Promise<void> {
    const { url } = userOptions();
    if (url === "") {
      await this.askForServer();
      return;
    }
    const steps: (QuickPickItem & { run: () => Promise<void> })[] = [
      {
        label: l10n.t("Set the key…"),
        description: url,
        run: () => this.askForKey(url),
      },
      {
        label: l10n.t("Use another server…"),
        run: () => this.askForServer(),
      },
      {
        label: l10n.t("Use the local model alone"),
        description: l10n.t("nothing leaves the editor"),
        run: () => saveUrl(undefined),
      },
    ];
    const title = l10n.t("RWKV: completion server");
    const choice = await window.showQuickPick(steps, { title });
    await choice?.run();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async askForServer(): Promise<void> {
    const url = await window.showInputBox({
      title: l10n.t("Address of a completion server"),
      prompt: l10n.t(
        "Of llama.cpp, or one with /v1/completions. The text around the cursor is sent there, of every file that is not excluded.",
      ),
      placeHolder: "http://localhost:8080",
      ignoreFocusOut: true,
      validateInput: (value) =>
        originOf(value) === undefined
          ? l10n.t("An address begins with http:// or https://.")
          : undefined,
    });
    if (url === undefined || originOf(url) === undefined) return;
    await this.askForKey(url);
    await saveUrl(url.trim());
  }

  private async askForKey(url: string): Promise<void> {
    const key = await window.showInputBox({
      title: l10n.t("Key of {0}", originOf(url) ?? url),
      prompt: l10n.t(
        "Kept in the editor's secret storage and sent to this address alone. Leave it empty for a server that asks for none.",
      ),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) return;
    if (key === "") await this.secrets.delete(secretOf(url));
    else await this.secrets.store(secretOf(url), key);
  }

  private async publish(): Promise<void> {
    const { client } = this.engine;
    if (client === undefined) return;
    this.publishedTo = client;
    const publication = ++this.publications;
    try {
      const options = userOptions();
      const key =
        options.url === ""
          ? ""
          : ((await this.secrets.get(secretOf(options.url))) ?? "");
      // The options have changed meanwhile; a later call sends them.
      if (publication !== this.publications) return;
      await client.nameServer({ ...options, key });
    } catch (error) {
      // The engine has ended, or the secret storage cannot be read: without the key no server is used.
      this.log.warn(`completion server: ${String(error)}`);
      await client.nameServer({ url: "" }).catch(() => undefined);
    }
  }
}

/** The options in the user's own settings; a workspace's are ignored. */
function userOptions(): Omit<CompletionServerOptions, "key"> {
  const config = workspace.getConfiguration("rwkv");
  const own = <T>(key: string, otherwise: T): T =>
    config.inspect<T>(key)?.globalValue ?? otherwise;
  return {
    url: own("server.url", defaultServer.url),
    model: own("server.model", defaultServer.model),
    timeBudget: own("server.timeBudget", defaultServer.timeBudget),
  };
}

async function saveUrl(url: string | undefined): Promise<void> {
  await workspace
    .getConfiguration("rwkv")
    .update("server.url", url, ConfigurationTarget.Global);
}

/** The origin of an address; undefined if it is not an address of HTTP or HTTPS. */
function originOf(url: string): string | undefined {
  try {
    const { protocol, origin } = new URL(url.trim());
    return /^https?:$/.test(protocol) ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** The name in the secret storage of the key for an address: one for each origin. */
function secretOf(url: string): string {
  return `rwkv.server.key ${originOf(url) ?? ""}`;
}
