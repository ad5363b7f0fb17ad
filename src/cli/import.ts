import { parseArgs } from "node:util";
import { importInChild } from "../models/import/importProcess";
import { quantisations } from "../models/package/manifest";
import { importSummary } from "./importSummary";
import { progressLine } from "./progressLine";
import { stoppedBySignals } from "./stoppedBySignals";

const usage = `Usage: rwkv-import FILE --out DIR [--quantize int8|int4|none] [--tokenizer FILE] [--name NAME]

Makes a model package in DIR from an RWKV checkpoint (.pth, .safetensors, GGUF, rwkv.cpp's .bin).`;

/** The command line: makes a model package from a checkpoint. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      quantize: { type: "string", default: "int8" },
      tokenizer: { type: "string" },
      name: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [source] = positionals;
  const quantisation = quantisations.find((each) => each === values.quantize);
  if (
    values.help ||
    positionals.length !== 1 ||
    values.out === undefined ||
    quantisation === undefined
  )
    throw new Error(usage);

  const signal = stoppedBySignals("cancelled; nothing was written");
  const report = await importInChild(source!, values.out, {
    quantisation,
    ...(values.tokenizer === undefined ? {} : { tokenizer: values.tokenizer }),
    ...(values.name === undefined ? {} : { name: values.name }),
    signal,
    onProgress: progressLine(),
  });
  console.log(importSummary(report, values.out));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
