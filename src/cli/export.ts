import { parseArgs } from "node:util";
import { exportModel, exportTypes } from "../models/export/exportModel";

const usage = `Usage: rwkv-export CHECKPOINT --out FILE.gguf|FILE.safetensors [--type f32|f16|q8_0] [--tokenizer FILE] [--name NAME] [--license ID]

Writes a checkpoint for llama.cpp (.gguf) or in the official layout (.safetensors).`;

/** The command line: converts a checkpoint for other engines. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      type: { type: "string", default: "f16" },
      tokenizer: { type: "string" },
      name: { type: "string" },
      license: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [source] = positionals;
  const { out, tokenizer, name, license } = values;
  const type = exportTypes.find((each) => each === values.type);
  if (
    values.help ||
    positionals.length !== 1 ||
    out === undefined ||
    type === undefined
  )
    throw new Error(usage);
  await exportModel(source!, out, {
    type,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(name === undefined ? {} : { name }),
    ...(license === undefined ? {} : { license }),
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
