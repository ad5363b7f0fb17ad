import {
  commands,
  CompletionItemKind,
  Position,
  workspace,
  type CompletionItem,
  type CompletionList,
} from "vscode";
import type { MembersParams } from "../protocol";

/** No type that one completes by name has more members; the rest is left out. */
const maxMembers = 500;

const nameAtStart = /^[\p{L}_$][\p{L}\p{N}_$]*/u;

/** Items that name nothing that a type has: words of the text, keywords, templates, files. */
const noMembers = new Set([
  CompletionItemKind.Text,
  CompletionItemKind.Keyword,
  CompletionItemKind.Snippet,
  CompletionItemKind.Color,
  CompletionItemKind.File,
  CompletionItemKind.Folder,
]);

/**
 * Answers the engine's question for members by the editor's own completion providers. Ours is one of
 * inline completions, which are asked in another way, so it is not among them.
 */
export class Members {
  private isBusy = false;

  /** Names that the editor would offer at a place; none if it does not know, or is being asked already. */
  async at({
    textDocument: { uri },
    position: { line, character },
    before,
  }: MembersParams): Promise<string[]> {
    const document = workspace.textDocuments.find(
      (open) => open.uri.toString() === uri,
    );
    // A service reads a project's own configuration, which one that is not trusted may not choose.
    if (!workspace.isTrusted || this.isBusy) return [];
    if (document === undefined || line >= document.lineCount) return [];
    const text = document.lineAt(line).text.slice(0, character);
    if (text.length < character || !text.endsWith(before)) return [];
    this.isBusy = true;
    try {
      const list = await commands.executeCommand<CompletionList | undefined>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        new Position(line, character),
      );
      return [...new Set((list?.items ?? []).flatMap(nameOf))].slice(
        0,
        maxMembers,
      );
    } catch {
      // A provider has failed, which the editor reports.
      return [];
    } finally {
      this.isBusy = false;
    }
  }
}

function nameOf({ kind, label, filterText }: CompletionItem): string[] {
  if (kind !== undefined && noMembers.has(kind)) return [];
  const text = filterText ?? (typeof label === "string" ? label : label.label);
  // Some services filter by the access with its dot: `.flat`, `?.flat`.
  const name = nameAtStart.exec(text.trim().replace(/^(?:\?\.|\.|->|::)/, ""));
  return name === null ? [] : [name[0]];
}
