import {
  ConfigurationTarget,
  l10n,
  window,
  workspace,
  type WorkspaceFolder,
} from "vscode";

/** A level of the settings at which `rwkv.model` can be set. */
export interface UsePlace {
  readonly label: string;
  use(name: string): Thenable<void>;
}

/** The levels at which the user can choose a model: the workspace, the active folder, everywhere. */
export function usePlaces(): UsePlace[] {
  const config = (folder?: WorkspaceFolder) =>
    workspace.getConfiguration("rwkv", folder?.uri);
  const places: UsePlace[] = [];
  // A workspace that is not trusted cannot choose a model.
  const folders = workspace.isTrusted ? (workspace.workspaceFolders ?? []) : [];
  if (folders.length > 0)
    places.push({
      label: l10n.t("Use in This Workspace"),
      use: (name) =>
        config().update("model", name, ConfigurationTarget.Workspace),
    });
  const folder = folders.length > 1 ? activeFolder() : undefined;
  if (folder !== undefined)
    places.push({
      label: l10n.t("Use in the Folder {0}", folder.name),
      use: (name) =>
        config(folder).update(
          "model",
          name,
          ConfigurationTarget.WorkspaceFolder,
        ),
    });
  places.push({
    label: l10n.t("Use Everywhere"),
    use: (name) => config().update("model", name, ConfigurationTarget.Global),
  });
  return places;
}

/** The model that the settings name for the active document. */
export function modelHere(): string {
  return workspace
    .getConfiguration("rwkv", window.activeTextEditor?.document)
    .get("model", "bundled");
}

/** Removes `rwkv.model` from all levels that name this model, so that a wider level or the default applies. */
export async function stopUsing(name: string): Promise<void> {
  for (const folder of [undefined, ...(workspace.workspaceFolders ?? [])]) {
    const config = workspace.getConfiguration("rwkv", folder?.uri);
    const set = config.inspect<string>("model");
    const { Global, Workspace, WorkspaceFolder } = ConfigurationTarget;
    const levels = folder
      ? ([[set?.workspaceFolderValue, WorkspaceFolder]] as const)
      : ([
          [set?.globalValue, Global],
          [set?.workspaceValue, Workspace],
        ] as const);
    for (const [value, target] of levels)
      if (value === name) await config.update("model", undefined, target);
  }
}

function activeFolder(): WorkspaceFolder | undefined {
  const uri = window.activeTextEditor?.document.uri;
  return uri && workspace.getWorkspaceFolder(uri);
}
