import { Uri, workspace, type ConfigurationScope } from "vscode";
import { pythonPath } from "./pythonPath";
import {
  defaultProcessSettings,
  type InitializationOptions,
  type ProjectMode,
} from "../protocol";

/** Settings of the engine's process: a change restarts it. */
export const processKeys = Object.keys(defaultProcessSettings);

/**
 * The options that a new engine process gets, read from the settings at its start.
 *
 * @param bundledModel folder of the bundled model
 * @param statesPath folder for saved states; empty: none
 */
export function initializationOptions(
  bundledModel: string,
  statesPath: string,
): InitializationOptions {
  const config = workspace.getConfiguration("rwkv");
  const set = <K extends keyof typeof defaultProcessSettings>(key: K) =>
    config.get(key, defaultProcessSettings[key]);
  return {
    threads: set("threads"),
    memoryBudget: set("memoryBudget"),
    modelsPath: set("modelsPath"),
    project: projectMode(set("project")),
    projectMemory: set("projectMemory"),
    unloadAfter: set("unloadAfter"),
    bundledModel,
    statesPath,
    pythonPath: workspace.isTrusted ? pythonPath() : "",
    notifications: true,
    members: true,
  };
}

/** In a workspace that is not trusted, only files that the user opens are read. */
function projectMode(set: ProjectMode): ProjectMode {
  return set === "on" && !workspace.isTrusted ? "openFiles" : set;
}

/**
 * The scope for which the settings of a URI are read. That of an open document includes its language,
 * so that `"[python]": {"rwkv.maxLines": 3}` applies.
 */
export function scopeOf(
  uri: string | undefined,
): ConfigurationScope | undefined {
  if (uri === undefined) return undefined;
  const parsed = Uri.parse(uri);
  const open = workspace.textDocuments.find(
    (document) => document.uri.toString() === parsed.toString(),
  );
  return open ?? parsed;
}
