import type { DocumentFilter } from "vscode-languageserver-protocol";

/**
 * Documents that a human writes. Left out on purpose: `git:` and other diff sides, the output
 * panel, the Source Control box, chat.
 */
const schemes = [
  "file",
  "untitled",
  "vscode-remote",
  "vscode-notebook-cell",
  "vscode-vfs",
];

export const documentSelector: DocumentFilter[] = schemes.map((scheme) => ({
  scheme,
}));

/** Whether the engine is told about a document at all. */
export function isSelected(document: { uri: { scheme: string } }): boolean {
  return schemes.includes(document.uri.scheme);
}
