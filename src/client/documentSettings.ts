import { workspace, type ConfigurationScope } from "vscode";
import { isLanguageOn } from "../protocol";
import type { Settings } from "../protocol";

/**
 * The settings of a scope as they are sent to the engine; null if there are none. The settings of a
 * workspace or a folder can exclude more files than the user's own, but not fewer. In a workspace that
 * is not trusted they can switch suggestions off, but not on.
 */
export function documentSettings(
  scope: ConfigurationScope | undefined,
): Record<string, unknown> | null {
  const config = workspace.getConfiguration("rwkv", scope);
  const all = workspace
    .getConfiguration(undefined, scope)
    .get<Record<string, unknown>>("rwkv");
  if (!all) return null;
  const { enable, languages } = switchesIn(scope);
  const exclude = config.inspect<unknown>("exclude");
  const own = [exclude?.workspaceValue, exclude?.workspaceFolderValue];
  const added = own.filter((list) => list !== undefined && list !== null);
  return {
    ...all,
    enable,
    languages,
    exclude: [exclude?.globalValue ?? exclude?.defaultValue ?? [], ...added]
      // A value that is not a list is passed on unchanged; the engine refuses it.
      .flatMap((list, i): unknown[] =>
        i > 0 && Array.isArray(list) ? list.filter(adds) : [list].flat(),
      ),
  };
}

/** The switches of a scope: whether suggestions are on, and for which languages. */
export function switchesIn(
  scope: ConfigurationScope | undefined,
): Pick<Settings, "enable" | "languages"> {
  const config = workspace.getConfiguration("rwkv", scope);
  const enable = config.get("enable", true);
  const languages = config.get<Settings["languages"]>("languages", {});
  if (workspace.isTrusted) return { enable, languages };
  const ownEnable = config.inspect<boolean>("enable");
  const ownLanguages = config.inspect<Settings["languages"]>("languages");
  const users = {
    ...ownLanguages?.defaultValue,
    ...ownLanguages?.globalValue,
  };
  const names = new Set([...Object.keys(users), ...Object.keys(languages)]);
  return {
    enable:
      enable && (ownEnable?.globalValue ?? ownEnable?.defaultValue ?? true),
    languages: Object.fromEntries(
      [...names].map((name) => [
        name,
        isLanguageOn(languages, name) && isLanguageOn(users, name),
      ]),
    ),
  };
}

/** Whether a glob excludes files; one that begins with `!` takes back earlier globs. */
function adds(glob: unknown): boolean {
  return typeof glob !== "string" || !glob.startsWith("!");
}
