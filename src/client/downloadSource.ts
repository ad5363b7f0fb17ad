import { l10n, window, workspace, type SecretStorage } from "vscode";
import { DownloadError } from "../download/downloadError";
import {
  defaultEndpoint,
  parseEndpoint,
  tokenOfEnvironment,
  type Source,
} from "../download/endpoint";

/** Whom downloads come from: the user's endpoint, and the token that the user gave for it. */
export class DownloadSource {
  constructor(
    private readonly secrets: Pick<SecretStorage, "get" | "store">,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /**
   * Runs `work`, and once more with a token where the endpoint asks for one and the user gives it.
   *
   * @throws DownloadError if the setting is no address, and whatever `work` throws
   */
  async run<T>(work: (source: Source) => Promise<T>): Promise<T> {
    const endpoint = parseEndpoint(endpointSetting());
    const key = `rwkv.downloadToken ${endpoint.origin}`;
    const token =
      (await this.secrets.get(key)) ??
      tokenOfEnvironment(endpoint, this.environment);
    try {
      return await work({ endpoint, token });
    } catch (error) {
      if (!(error instanceof DownloadError) || !error.failure.needsToken)
        throw error;
      // A line end that was copied along may not stand in a header.
      const given = (await askForToken(endpoint))?.trim();
      if (!given) throw error;
      const result = await work({ endpoint, token: given });
      await this.secrets.store(key, given);
      return result;
    }
  }
}

/** The user's own; what a workspace says about it does not count. */
function endpointSetting(): string {
  const set = workspace
    .getConfiguration("rwkv")
    .inspect<string>("downloadEndpoint");
  return set?.globalValue || defaultEndpoint;
}

function askForToken({ host }: URL): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t("Token for {0}", host),
    prompt: l10n.t(
      "{0} requires a token. The token is kept in the editor's secret storage and sent to nobody else.",
      host,
    ),
    password: true,
    ignoreFocusOut: true,
  });
}
