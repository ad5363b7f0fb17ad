import { ConfigurationTarget, l10n, Uri, window, workspace } from "vscode";
import { worded } from "../messages";
import type { ImportModelResult } from "../protocol";
import { usePlaces } from "./modelUse";

/** The folder in which models are installed. */
export interface ModelsFolder {
  path: string;
  /** Whether `rwkv.modelsPath` names it already. */
  isSet: boolean;
}

/**
 * The models folder. If none is set, the user is asked whether to use a folder of the extension's;
 * undefined if not. The caller then has to call {@link rememberModelsFolder}. The editor ignores the
 * setting of a workspace that is not trusted.
 *
 * @param storage the extension's folder for data of all workspaces
 */
export async function modelsFolder(
  storage: Uri,
): Promise<ModelsFolder | undefined> {
  const set = workspace.getConfiguration("rwkv").get("modelsPath", "");
  if (set !== "") return { path: set, isSet: true };
  const path = Uri.joinPath(storage, "models").fsPath;
  const use = l10n.t("Use This Folder");
  const answer = await window.showInformationMessage(
    l10n.t("No models folder is set. Use the extension's own folder?"),
    {
      modal: true,
      detail: l10n.t(
        "Models go to {0}, and your setting rwkv.modelsPath is set to it.",
        path,
      ),
    },
    use,
  );
  return answer === use ? { path, isSet: false } : undefined;
}

/** Sets `rwkv.modelsPath` in the user's settings. */
export async function rememberModelsFolder(path: string): Promise<void> {
  await workspace
    .getConfiguration("rwkv")
    .update("modelsPath", path, ConfigurationTarget.Global);
}

/** Shows that a model was imported, with its quantisation loss, and offers to use it. */
export async function offerUse({
  name,
  told,
}: ImportModelResult): Promise<void> {
  const places = usePlaces();
  const answer = await window.showInformationMessage(
    l10n.t("{0} is imported: {1}.", name, worded(told, l10n.t)),
    ...places.map(({ label }) => label),
  );
  await places.find(({ label }) => label === answer)?.use(name);
}
