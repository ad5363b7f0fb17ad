import { l10n, window, workspace, type SecretStorage } from "vscode";
import { DownloadError } from "../download/downloadError";
import {
  defaultEndpoint,
  parseEndpoint,
  tokenOfEnvironment,
  type Source,
} from "../download/endpoint";

/** The service that models are downloaded from, by the user's settings, and the user's token for it. */
export class DownloadSource {
  constructor(
    private readonly secrets: Pick<SecretStorage, "get" | "store">,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /**
   * Runs `work`. If the service requires a token, the user is asked for it and `work` runs again.
   *
   * @throws DownloadError if the setting is not an allowed address, and whatever `work` throws
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
      // A copied token may have a line break at its end, which a header must not have.
      const given = (await askForToken(endpoint))?.trim();
      if (!given) throw error;
      const result = await work({ endpoint, token: given });
      await this.secrets.store(key, given);
      return result;
    }
  }
}

/** The endpoint by the user's own settings; those of a workspace are ignored. */
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
