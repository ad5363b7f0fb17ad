import { ConfigurationTarget, l10n, Uri, window, workspace } from "vscode";
import { worded } from "../messages";
import type { ImportModelResult } from "../protocol";
import { usePlaces } from "./modelUse";

export interface ModelsFolder {
  path: string;
  /** Whether the setting names it already. */
  isSet: boolean;
}

/**
 * The folder of models. When none is set, the user is asked for consent to the extension's own; then
 * {@link rememberModelsFolder} is due. What an untrusted workspace says does not count.
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

export async function rememberModelsFolder(path: string): Promise<void> {
  await workspace
    .getConfiguration("rwkv")
    .update("modelsPath", path, ConfigurationTarget.Global);
}

/** Tells that a model is there, and lets the user take it. */
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
