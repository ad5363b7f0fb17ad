import { inEnglish } from "../messages";
import { parseArgs } from "node:util";
import type {
  ImportProgress,
  ImportReport,
} from "../models/import/importModel";
import { importInChild } from "../models/import/importProcess";
import { fileSize } from "../text/bytes";
import { quantisations } from "../models/package/manifest";

const usage = `Usage: rwkv-import FILE --out DIR [--quantize int8|int4|none] [--tokenizer FILE] [--name NAME]

Makes a model package in DIR from an RWKV checkpoint (.pth, .safetensors, GGUF, rwkv.cpp's .bin).`;

/** The command line: a checkpoint becomes a model package. */
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

  const cancel = new AbortController();
  const stop = () => cancel.abort(new Error("cancelled; nothing was written"));
  // Not "once": the second Ctrl+C of somebody impatient must not end the clearing up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, stop);
  const report = await importInChild(source!, values.out, {
    quantisation,
    ...(values.tokenizer === undefined ? {} : { tokenizer: values.tokenizer }),
    ...(values.name === undefined ? {} : { name: values.name }),
    signal: cancel.signal,
    onProgress: showProgress(),
  });
  console.log(summary(report, values.out));
}

/** A line that is written over, on a terminal only. */
function showProgress(): (progress: ImportProgress) => void {
  let shown = 0;
  return ({ step, done, total }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || (now - shown < 100 && done < total)) return;
    shown = now;
    const line = `${step} ${fileSize(done)} of ${fileSize(total)}`;
    process.stderr.write(`\r${line.padEnd(40)}${done === total ? "\n" : ""}`);
  };
}

function summary({ manifest, loss }: ImportReport, folder: string): string {
  const bytes = Object.values(manifest.files).reduce(
    (sum, file) => sum + file.bytes,
    0,
  );
  const what = `${folder}: RWKV-${manifest.generation}, ${(manifest.parameters / 1e6).toFixed(1)} M parameters, ${manifest.quantisation}, ${manifest.tokenizer.kind} tokenizer, ${fileSize(bytes)}`;
  const cost =
    "code" in loss
      ? inEnglish(loss)
      : `against FP32 over ${loss.positions} positions: KL divergence ${loss.klDivergence.toExponential(2)} nats, same most probable token at ${(100 * loss.topAgreement).toFixed(1)} %`;
  return `${what}\n${cost}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
