import type { GenerationInputs } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { NoSuggestionReason } from "../completion/reasons";
import type { LoadedModel } from "../runtime/loadedModel";
import type { OpenDocument } from "./documents";
import type { Session } from "./session";

/** Names of the project that are looked at for a half-typed one. */
const maxProjectNames = 16;

/** The model of a document and what it is to be given beside the text; else why there is none. */
export function generationInputs(
  { models, documents, settings, project }: Session,
  open: OpenDocument,
  info: DocumentInfo,
): (GenerationInputs & { readonly model: LoadedModel }) | NoSuggestionReason {
  const { uri } = info;
  const model = models.get(info.settings.model);
  if (typeof model === "string") return model;
  const others = project.usesOtherFiles
    ? documents.others(uri, settings.revision)
    : [];
  return {
    model,
    window: open.windowFor(model, info.path),
    others,
    names: others.map((other) => documents.get(other)!.names),
    projectNames: (typed) => project.candidates(uri, typed, maxProjectNames),
    more: project.sourcesFor(uri, model),
  };
}
