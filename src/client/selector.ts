import type { DocumentFilter } from "vscode-languageserver-protocol";
import { documentSchemes } from "../protocol";

export const documentSelector: DocumentFilter[] = documentSchemes.map(
  (scheme) => ({ scheme }),
);

/** Whether the engine is told about a document at all. */
export function isSelected(document: { uri: { scheme: string } }): boolean {
  return documentSchemes.includes(document.uri.scheme);
}
