import { Uri, workspace, type ConfigurationScope } from "vscode";
import { pythonPath } from "./pythonPath";
import type { InitializationOptions, ProjectMode } from "../protocol";

/** Settings of the engine's process: a change restarts it. */
export const processKeys = [
  "threads",
  "memoryBudget",
  "modelsPath",
  "project",
  "projectMemory",
  "unloadAfter",
] as const;

/** The process settings, read anew for each start of the engine, and the folders that are its own. */
export function initializationOptions(
  bundledModel: string,
  statesPath: string,
): InitializationOptions {
  const config = workspace.getConfiguration("rwkv");
  return {
    threads: config.get("threads", 0),
    memoryBudget: config.get("memoryBudget", 256),
    modelsPath: config.get("modelsPath", ""),
    project: projectMode(config.get("project", "on")),
    projectMemory: config.get("projectMemory", 96),
    unloadAfter: config.get("unloadAfter", 60),
    bundledModel,
    statesPath,
    pythonPath: workspace.isTrusted ? pythonPath() : "",
    notifications: true,
    members: true,
  };
}

/** A workspace that is not trusted is not read beyond what the user opens. */
function projectMode(set: ProjectMode): ProjectMode {
  return set === "on" && !workspace.isTrusted ? "openFiles" : set;
}

/**
 * The scope under which settings for a URI are read. An open document also says its language, so
 * that `"[python]": {"rwkv.maxLines": 3}` counts.
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
