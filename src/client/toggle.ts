import {
  ConfigurationTarget,
  l10n,
  window,
  workspace,
  type QuickPickItem,
} from "vscode";
import type { Settings } from "../protocol";
import { isLanguageOn } from "../protocol";
import { switchLanguage } from "./switches";

interface Switch extends QuickPickItem {
  flip: () => Thenable<void>;
}

/** Lets the user switch suggestions on or off: everywhere, for the active language, in this workspace. */
export async function toggle(): Promise<void> {
  const choice = await window.showQuickPick(switches(), {
    title: l10n.t("RWKV suggestions"),
    placeHolder: l10n.t("Choose what to switch"),
  });
  await choice?.flip();
}

function switches(): Switch[] {
  const document = window.activeTextEditor?.document;
  const config = workspace.getConfiguration("rwkv", document);
  const enable = config.inspect<boolean>("enable");
  const everywhere = enable?.globalValue ?? enable?.defaultValue ?? true;
  const found: Switch[] = [
    {
      ...described(l10n.t("Everywhere"), everywhere),
      flip: () =>
        config.update(
          "enable",
          everywhere ? false : undefined,
          ConfigurationTarget.Global,
        ),
    },
  ];
  if (document) {
    const { languageId } = document;
    const on = isLanguageOn(
      config.get<Settings["languages"]>("languages", {}),
      languageId,
    );
    const own = config.inspect<Settings["languages"]>("languages")?.globalValue;
    found.push({
      ...described(l10n.t("For the language {0}", languageId), on),
      flip: () =>
        config.update(
          "languages",
          switchLanguage(own, languageId, !on),
          ConfigurationTarget.Global,
        ),
    });
  }
  if (workspace.workspaceFolders) {
    const here = enable?.workspaceValue ?? everywhere;
    const next = !here === everywhere ? undefined : !here;
    found.push({
      ...described(l10n.t("In this workspace"), here),
      flip: () => config.update("enable", next, ConfigurationTarget.Workspace),
    });
  }
  return found;
}

function described(label: string, on: boolean): QuickPickItem {
  return on
    ? {
        label: `$(check) ${label}`,
        description: l10n.t("on; choose to switch off"),
      }
    : {
        label: `$(circle-slash) ${label}`,
        description: l10n.t("off; choose to switch on"),
      };
}
