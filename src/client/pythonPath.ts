import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { extensions, workspace } from "vscode";

/** The part of the Python extension's interface that is used. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath?: () => { readonly path?: unknown };
  };
}

/**
 * The Python interpreter that the editor uses in this workspace, whose packages are read, never run;
 * empty where none is named. The Python extension is not started for it.
 */
export function pythonPath(): string {
  return absolute(chosen()) || absolute(set());
}

function chosen(): unknown {
  try {
    const python = extensions.getExtension<PythonApi>("ms-python.python");
    if (python?.isActive !== true) return undefined;
    return python.exports.environments?.getActiveEnvironmentPath?.().path;
  } catch {
    // Another version of the extension: the setting is used instead.
    return undefined;
  }
}

function set(): unknown {
  const path: unknown = workspace
    .getConfiguration("python")
    .get("defaultInterpreterPath");
  if (typeof path !== "string") return undefined;
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  return path
    .replace(/^~(?=[/\\])/, homedir())
    .replaceAll("${workspaceFolder}", folder ?? "${workspaceFolder}");
}

function absolute(path: unknown): string {
  return typeof path === "string" && isAbsolute(path) ? path : "";
}
