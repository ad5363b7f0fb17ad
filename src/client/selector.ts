import type { DocumentFilter } from "vscode-languageserver-protocol";
import { documentSchemes } from "../protocol";

/** The documents that the client opens in the engine. */
export const documentSelector: DocumentFilter[] = documentSchemes.map(
  (scheme) => ({ scheme }),
);

/** Whether a document is opened in the engine. */
export function isSelected(document: { uri: { scheme: string } }): boolean {
  return documentSchemes.includes(document.uri.scheme);
}
