import {
  installedModels,
  manifestOf,
  type InstalledModel,
} from "../../models/package/installed";
import { ModelError } from "../../models/modelError";
import { weightBytes } from "../../models/package/weightBytes";
import type { ListedModel } from "../../protocol";
import type { Session } from "../session";

/** Answers `rwkv/models`: the bundled model and those of the models folder. */
export function listModels({
  models,
}: Pick<Session, "models">): Promise<{ models: ListedModel[] }> {
  const folder = models.folderOf("bundled");
  const bundled = { name: "bundled", folder, manifest: manifestOf(folder) };
  const all = [bundled, ...installedModels(models.modelsPath)];
  return Promise.resolve({
    models: all.map((model) => ({
      ...describe(model),
      ...speedOf(models.ifLoaded(model.name)?.network.msPerToken),
    })),
  });
}

function speedOf(msPerToken = 0): Pick<ListedModel, "tokensPerSecond"> {
  return msPerToken > 0 ? { tokensPerSecond: 1000 / msPerToken } : {};
}

function describe({ name, folder, manifest }: InstalledModel): ListedModel {
  if (manifest instanceof ModelError)
    return {
      name,
      folder,
      problem: manifest.told,
      title: name,
      license: "",
      generation: "",
      parameters: 0,
      quantisation: "",
      bytes: 0,
      bytesPerToken: 0,
    };
  const { generation, parameters, quantisation, license } = manifest;
  return {
    name,
    folder,
    title: manifest.name,
    license,
    generation,
    parameters,
    quantisation,
    ...weightBytes(manifest),
  };
}
