import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Quantisation } from "../../src/engine/quantise";
import { shapeOf } from "../../src/engine/build";
import { parametersOf } from "../../src/models/formats/parameterCount";
import { networkFields } from "../../src/models/package/manifest";
import { PackageFiles } from "../../src/models/package/packageFiles";
import {
  OfficialWeights,
  type OfficialSize,
} from "../../test/models/formats/writers/officialWeights";

const tokenizer = join(__dirname, "../../training/tokenizer.json");
/** Writes a package with random weights of an official shape. */
export async function writeShape(
  folder: string,
  size: OfficialSize,
  quantisation: Quantisation,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const weights = new OfficialWeights(size);
  const files = new PackageFiles(folder);
  const generation = "7";
  files.writeGraph(generation, weights, { quantisation });
  await files.copy(tokenizer);
  files.writeManifest({
    name: size,
    ...networkFields(
      { generation, ...shapeOf(generation, weights) },
      parametersOf(weights),
    ),
    quantisation,
    tokenizer: { kind: "bpe", file: basename(tokenizer) },
    documentStart: { file: 0, text: 1 },
    license: "Apache-2.0",
    provenance: "random weights",
  });
}
