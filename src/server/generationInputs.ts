import type { GenerationInputs } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { NoSuggestionReason } from "../completion/reasons";
import type { LoadedModel } from "../runtime/loadedModel";
import type { OpenDocument } from "./documents";
import { maxProjectNames } from "./features/project";
import type { Session } from "./session";

/**
 * URIs of the other documents that a suggestion may copy from. It is called again right before they are
 * read, since a document may have been closed or excluded meanwhile.
 *
 * @param revision of the settings; only documents that may be read under them count
 */
export function otherFiles(
  { project, documents, notebooks }: Session,
  open: OpenDocument,
  revision: number,
): string[] {
  if (!project.usesOtherFiles) return [];
  const cells = notebooks.before(open, revision).map(({ uri }) => uri);
  return documents
    .others(open.document.uri, revision)
    .filter((other) => !cells.includes(other));
}

/**
 * What a generation for a document needs: model, tokens, copy sources and names. If there is no model, the
 * reason.
 *
 * @param lead text that is read before the document's: the earlier cells of a notebook
 * @param revision of the settings; only documents that may be read under them count
 */
export function generationInputs(
  session: Session,
  open: OpenDocument,
  info: DocumentInfo,
  lead: string,
  revision: number,
): (GenerationInputs & { readonly model: LoadedModel }) | NoSuggestionReason {
  const { models, documents, project, notebooks } = session;
  const { uri } = info;
  const model = models.get(info.settings.model);
  if (typeof model === "string") return model;
  const others = otherFiles(session, open, revision);
  return {
    model,
    key: notebooks.keyOf(uri),
    window: open.windowFor(model, info.path, lead),
    others,
    names: others.map((other) => documents.get(other)!.names),
    projectNames: (place) => project.candidates(uri, place, maxProjectNames),
    more: project.sourcesFor(uri, model),
  };
}
