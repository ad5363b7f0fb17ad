import { parseArgs } from "node:util";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import type { Quantisation } from "../engine/quantise";
import { buildModelPackage } from "../models/build";

/** Builds the bundled model's package from what `training/` has exported. */
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
  if (
    folder === undefined ||
    !["int8", "int4", "none"].includes(values.quantise)
  ) {
    throw new Error(
      "Usage: build-model FOLDER [--quantise int8|int4|none] [--out FOLDER] [--name NAME]",
    );
  }
  const training = JSON.parse(
    readFileSync(join(folder, "training.json"), "utf8"),
  ) as {
    tokens?: number;
    hours?: number;
  };
  const manifest = await buildModelPackage(
    {
      weights: join(folder, "model.safetensors"),
      tokenizer: join("training", "tokenizer.json"),
      copyGate: join(folder, "copy.safetensors"),
      documents: [],
      name: values.name,
      license: "Apache-2.0",
      provenance: `trained by this project's training/ on ${training.tokens ?? "an unknown number of"} tokens`,
    },
    values.quantise as Quantisation,
    values.out,
  );
  const bytes = Object.values(manifest.files).reduce(
    (sum, file) => sum + file.bytes,
    0,
  );
  console.log(
    `${values.out}: ${manifest.parameters} parameters, ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
