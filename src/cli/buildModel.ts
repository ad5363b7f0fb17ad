import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Quantisation } from "../engine/quantise";
import { fileSize } from "../text/bytes";
import { buildModelPackage } from "../models/package/build";
import { quantisations } from "../models/package/manifest";

/** The command line: builds the bundled model's package from the files that `training/` exports to FOLDER. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quantise: { type: "string", default: "int8" },
      out: { type: "string", default: join("media", "model") },
      name: { type: "string", default: "rwkv-code" },
    },
  });
  const [folder] = positionals;
  const quantisation = values.quantise as Quantisation;
  if (folder === undefined || !quantisations.includes(quantisation)) {
    throw new Error(
      "Usage: build-model FOLDER [--quantise int8|int4|none] [--out FOLDER] [--name NAME]",
    );
  }
  const path = (name: string) => join(folder, name);
  const { tokens } = JSON.parse(
    readFileSync(path("training.json"), "utf8"),
  ) as { tokens: number };
  const manifest = await buildModelPackage(
    {
      weights: path("model.safetensors"),
      tokenizer: join("training", "tokenizer.json"),
      gate: path("copy.safetensors"),
      ...(existsSync(path("ngrams.bin")) && { ngrams: path("ngrams.bin") }),
      documents: ["LICENSE", join("training", "MODEL_CARD.md")],
      name: values.name,
      license: "Apache-2.0",
      provenance: `trained by this project's training/ on ${(tokens / 1e6).toFixed(1)} million tokens`,
    },
    quantisation,
    values.out,
  );
  const bytes = Object.values(manifest.files).reduce(
    (sum, file) => sum + file.bytes,
    0,
  );
  console.log(
    `${values.out}: ${manifest.parameters} parameters, ${fileSize(bytes)}`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
