import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { bundledModel } from "../models/package/bundled";
import { loadModel } from "../runtime/loadedModel";
import { completeText } from "./completeText";
import { offsetOf, parsePlace } from "./place";

const usage = `Usage: rwkv-complete FILE:LINE:COL [--json] [--model FOLDER] [--threads N]

Prints what RWKV would insert at a place of a file; line and column count from 1.
--json prints {"text","tokens","prefillMs","decodeMs","reason"} on one line.`;

/** The command line: one completion. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      model: {
        type: "string",
        default: bundledModel(),
      },
      threads: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || positionals.length !== 1) throw new Error(usage);
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 0) {
    throw new Error(`--threads takes a whole number, not "${values.threads}"`);
  }

  const place = parsePlace(positionals[0]!);
  const text = read(place.file);
  const offset = offsetOf(text, place);
  const model = await loadModel(values.model, {
    threads,
    memoryBudget: 256e6,
    signal: new AbortController().signal,
  });
  const path = relative(process.cwd(), place.file).replaceAll("\\", "/");
  // No user is typing, so the suggestion may take a minute.
  const outcome = await completeText(
    model,
    { path, text, offset },
    { timeBudget: 60_000 },
  );
  await model.dispose();
  if (outcome.error instanceof Error) throw outcome.error;

  const { reason, timings } = outcome;
  const [prefillMs, decodeMs] = [timings.prefillMs, timings.decodeMs].map(
    (ms) => +ms.toFixed(2),
  );
  const tokens = timings.decodeTokens;
  const result = { text: outcome.text, tokens, prefillMs, decodeMs, reason };
  process.stdout.write(
    values.json ? `${JSON.stringify(result)}\n` : `${outcome.text}\n`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new Error(`cannot read ${file} (${why}); check the path`, {
      cause: error,
    });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
