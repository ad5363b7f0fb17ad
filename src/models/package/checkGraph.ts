import { detailOf } from "../../messages";
import { join } from "node:path";
import { isOurGraph } from "../../engine/graphFile";
import { readLargeFile } from "../../files/regularFile";
import { ModelError } from "../modelError";
import { graphFile, weightsFile, type Manifest } from "./manifest";

/** A graph has some ten kilobytes a layer. */
const longestGraph = 16 << 20;

/**
 * Makes sure that what is handed to ONNX Runtime is the graph that this version builds for a model of
 * the manifest's sizes, and nothing that somebody else has thought out.
 *
 * @throws ModelError if it is not
 */
export async function checkGraph(
  folder: string,
  manifest: Manifest,
): Promise<void> {
  const path = join(folder, graphFile);
  let isOurs: boolean;
  try {
    isOurs = isOurGraph(await readLargeFile(path, longestGraph), {
      generation: manifest.generation,
      shape: manifest,
      quantisation: manifest.quantisation,
      weightsFile,
      weightBytes: manifest.files[weightsFile]!.bytes,
    });
  } catch (error) {
    throw new ModelError(
      { code: "graph unreadable", args: [path, detailOf(error)] },
      { cause: error },
    );
  }
  if (!isOurs) {
    throw new ModelError({ code: "graph foreign", args: [path] });
  }
}
