import {
  commands,
  CompletionItemKind,
  Position,
  workspace,
  type CompletionItem,
  type CompletionList,
} from "vscode";
import { maxMembers, type MembersParams } from "../protocol";
import { nameSource } from "../text/words";

const nameAtStart = new RegExp(`^${nameSource}`, "u");

/** Kinds of items that are not members of a type: words of the text, keywords, templates, files. */
const noMembers = new Set([
  CompletionItemKind.Text,
  CompletionItemKind.Keyword,
  CompletionItemKind.Snippet,
  CompletionItemKind.Color,
  CompletionItemKind.File,
  CompletionItemKind.Folder,
]);

/**
 * Answers the engine's requests for members by the editor's completion providers. This extension's own
 * provider is not among them: it is one of inline completions.
 */
export class Members {
  /** The request that is not yet answered, and when it was made, by `performance.now()`. */
  private busy: { readonly since: number } | undefined;

  /** @param mostMs milliseconds after which a request whose provider does not answer no longer counts */
  constructor(private readonly mostMs = 10_000) {}

  /**
   * Names of members that the editor offers at a position. None if the workspace is not trusted, the
   * document has changed since the request, or an earlier request is not yet answered. Never rejects.
   */
  async at({
    textDocument: { uri },
    position: { line, character },
    before,
  }: MembersParams): Promise<string[]> {
    const document = workspace.textDocuments.find(
      (open) => open.uri.toString() === uri,
    );
    // A language service applies the project's configuration, which needs the user's trust.
    if (!workspace.isTrusted || this.isBusy) return [];
    if (document === undefined || line >= document.lineCount) return [];
    const text = document.lineAt(line).text.slice(0, character);
    if (text.length < character || !text.endsWith(before)) return [];
    const request = { since: performance.now() };
    this.busy = request;
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
      // A provider has failed; the editor reports that.
      return [];
    } finally {
      if (this.busy === request) this.busy = undefined;
    }
  }

  private get isBusy(): boolean {
    const { busy } = this;
    return busy !== undefined && performance.now() - busy.since < this.mostMs;
  }
}

function nameOf({ kind, label, filterText }: CompletionItem): string[] {
  if (kind !== undefined && noMembers.has(kind)) return [];
  const text = filterText ?? (typeof label === "string" ? label : label.label);
  // In the filter text of some services the name follows the operator: `.flat`, `?.flat`.
  const name = nameAtStart.exec(text.trim().replace(/^(?:\?\.|\.|->|::)/, ""));
  return name === null ? [] : [name[0]];
}
