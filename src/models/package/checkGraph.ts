import { detailOf } from "../../messages";
import { join } from "node:path";
import { isOurGraph } from "../../engine/graphFile";
import { readLargeFile } from "../../files/regularFile";
import { ModelError } from "../modelError";
import { graphFile, weightsFile, type Manifest } from "./manifest";

/** The largest `model.onnx` that is read, in bytes. Usual graphs have some ten kilobytes per layer. */
const longestGraph = 16 << 20;

/**
 * Checks that the package's `model.onnx` is exactly the graph that this version builds for the sizes
 * in the manifest (`isOurGraph`). A graph from elsewhere could make ONNX Runtime loop without end or
 * allocate any amount of memory.
 *
 * @throws ModelError if it is another graph or cannot be read
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
