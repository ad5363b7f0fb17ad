import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { machine } from "./engine/report";
import { benchModel, shapes, type ShapeName } from "./engine/models";
import {
  disturbance,
  markdown,
  seriesOf,
  withPrefill,
  type Comparison,
} from "./scaling/answer";
import { writeAttention } from "./scaling/attention";
import { linePlot } from "./linePlot";
import type {
  AttentionJob,
  AttentionPoint,
  RwkvJob,
  RwkvPoint,
} from "./scaling/worker";

const usage = `Usage: npm run -s bench:scaling [-- --shape bundled|0.1B] [--threads N] [--longest TOKENS] [--json]

RWKV-7 beside attention of the same width, depth and number of parameters, from 1,000 to 64,000
tokens. Writes the table in docs/speed.md and the plots beside it; with --json it prints instead.`;

const contexts = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000];
const docs = join(__dirname, "..", "docs");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shape: { type: "string", multiple: true, default: [...shapes] },
      threads: { type: "string", default: "2" },
      longest: { type: "string", default: "64000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const lengths = contexts.filter((context) => context <= +values.longest);
  const comparisons = shapes
    .filter((shape) => values.shape.includes(shape))
    .map((shape) => compare(shape, lengths, +values.threads));
  if (values.json) {
    console.log(JSON.stringify(comparisons));
    return;
  }
  await writeDocs(comparisons, +values.threads);
}

function compare(
  name: ShapeName,
  lengths: readonly number[],
  threads: number,
): Comparison {
  const { layers, width, vocabulary, multiplyAdds, ours } = benchModel(name);
  // Four matrices of attention; the rest of RWKV's parameters goes to the perceptron, in whole blocks.
  const perLayer = multiplyAdds / layers - 4 * width * width;
  const hidden = 32 * Math.round(perLayer / (2 * width) / 32);
  const shape = { layers, width, headSize: 64, hidden, vocabulary };
  const folder = join(tmpdir(), "rwkv-bench", `attention-${name}`);
  writeAttention(folder, shape, lengths.at(-1)! + 256);
  try {
    const attention = (context: number) =>
      run<AttentionPoint>({ attention: folder, shape, context, threads })[0]!;
    const rwkv = run<RwkvPoint>({
      rwkv: ours("int8"),
      vocabulary,
      contexts: lengths,
      threads,
    });
    return {
      shape: name === "bundled" ? `bundled, ${layers} × ${width}` : name,
      rwkv,
      attention: withPrefill(lengths.map(attention), attention(0).chunkMs),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a job in a process of its own, so that its memory is its own. */
function run<T>(job: RwkvJob | AttentionJob): T[] {
  console.error("rwkv" in job ? job.rwkv : `${job.attention}: ${job.context}`);
  const worker = join(__dirname, "scaling", "worker.ts");
  const args = ["--import", "tsx", worker, JSON.stringify(job)];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

async function writeDocs(
  comparisons: readonly Comparison[],
  threads: number,
): Promise<void> {
  const x = "tokens of context";
  const plots = {
    "speed-decode.svg": linePlot(
      "Time for the next token",
      { x, y: "milliseconds", format: String },
      seriesOf(comparisons, ({ decodeMs }) => decodeMs),
    ),
    "speed-memory.svg": linePlot(
      "Memory that keeps the context",
      { x, y: "megabytes", format: String },
      seriesOf(comparisons, ({ contextBytes }) => contextBytes / 1e6),
    ),
  };
  for (const [name, svg] of Object.entries(plots))
    writeFileSync(join(docs, name), svg);
  const path = join(docs, "speed.md");
  const where = `${machine()}; ${threads} threads. ${disturbance(comparisons)}`;
  const text = between(
    readFileSync(path, "utf8"),
    `${where}\n\n${markdown(comparisons)}`,
  );
  writeFileSync(path, await format(text, { parser: "markdown" }));
}

/** `text` with what stands between the two marks replaced. */
function between(text: string, replacement: string): string {
  const [begin, end] = ["<!-- bench:scaling -->", "<!-- /bench:scaling -->"];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/speed.md has no ${begin}`);
  return `${text.slice(0, from + begin.length)}\n\n${replacement}\n\n${text.slice(to)}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
