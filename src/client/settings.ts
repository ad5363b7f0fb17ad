import {
  Uri,
  workspace,
  type ConfigurationScope,
  type TextDocument,
} from "vscode";
import type { InitializationOptions, Settings } from "../protocol";

/** Settings that belong to the process: a change takes a new one. */
export const processKeys = ["threads", "memoryBudget", "modelsPath"] as const;

/** The part of {@link Settings} that the client itself acts on. */
export type Switches = Pick<Settings, "enable" | "languages">;

export function switchesOf(document: TextDocument): Switches {
  const config = workspace.getConfiguration("rwkv", document);
  return {
    enable: config.get("enable", true),
    languages: config.get<Settings["languages"]>("languages", {}),
  };
}

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
    bundledModel,
    statesPath,
    notifications: true,
  };
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
