import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { extensions, workspace } from "vscode";

/** The part of the Python extension's API that is used here. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath?: () => { readonly path?: unknown };
  };
}

/**
 * Absolute path of the Python interpreter that the editor uses in this workspace; empty if none is
 * named. The engine reads the interpreter's packages and runs nothing. The Python extension is asked
 * only if it is active already.
 */
export function pythonPath(): string {
  return absolute(fromExtension()) || absolute(fromSetting());
}

function fromExtension(): unknown {
  try {
    const python = extensions.getExtension<PythonApi>("ms-python.python");
    if (python?.isActive !== true) return undefined;
    return python.exports.environments?.getActiveEnvironmentPath?.().path;
  } catch {
    // Another version of the extension has another API: the setting is used instead.
    return undefined;
  }
}

function fromSetting(): unknown {
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
