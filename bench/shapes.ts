import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { format } from "prettier";
import type { Quantisation } from "../src/engine/quantise";
import { machine } from "./engine/report";
import { markdownTable } from "./markdownTable";
import { Engine } from "./server/engine";
import { readManifest } from "../src/models/package/modelPackage";
import { weightsFile } from "../src/models/package/manifest";
import { officialShapes } from "../test/models/formats/writers/officialWeights";
import { writeShape } from "./shapes/package";
import { typeWithPauses, type Typed } from "./shapes/typing";

const usage = `Usage: npm run -s bench:shapes [-- --model 1.5B-int8 …] [--json]

What official shapes cost the engine that was built last (node esbuild.mjs), on Linux. Writes the
table in docs/speed.md; with --json it prints instead. Packages lie in TMPDIR while they are needed,
the largest of 1.8 GB.`;

const sizes = ["0.1B", "0.4B", "1.5B"] as const;
const quantisations = ["int8", "int4"] as const satisfies Quantisation[];
const all = sizes.flatMap((size) =>
  quantisations.map((quantisation) => ({ size, quantisation })),
);
type Model = (typeof all)[number];

interface Figures extends Model, Typed {
  readonly weightsMb: number;
  readonly stateMb: number;
  readonly readyMs: number;
  readonly suggestionMs: number;
  /** Shared pages divided, and what a second window adds; with a short file open. */
  readonly windowMb: number;
  readonly furtherWindowMb: number;
}

const nameOf = ({ size, quantisation }: Model) => `${size}-${quantisation}`;

/** A file of some hundred lines, at the end of which a line begins. */
const text = `${readFileSync(__filename, "utf8")}\n`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: "string", multiple: true, default: all.map(nameOf) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const wanted = all.filter((model) => values.model.includes(nameOf(model)));
  if (values.help || wanted.length === 0) {
    console.error(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const figures: Figures[] = [];
  for (const model of wanted) {
    console.error(nameOf(model));
    figures.push(await measure(model));
  }
  const result = { machine: machine(), load: loadavg()[1]!, figures };
  if (values.json) console.log(JSON.stringify(result));
  else await writeDocs(result.load, figures);
}

async function measure(model: Model): Promise<Figures> {
  const modelsPath = join(tmpdir(), "rwkv-bench", "shapes");
  const folder = join(modelsPath, nameOf(model));
  const engines: Engine[] = [];
  const open = () => {
    const settings = { model: nameOf(model) };
    const engine = new Engine({ modelsPath, settings });
    engines.push(engine);
    return engine;
  };
  try {
    await writeShape(folder, model.size, model.quantisation);
    const first = open();
    const { readyMs, suggestionMs } = await first.start(text);
    // What the first suggestion has set off comes to its end.
    await sleep(2000);
    const alone = first.memory.ownShareMb;
    const second = open();
    await second.start(text);
    await sleep(2000);
    const both = first.memory.ownShareMb + second.memory.ownShareMb;
    second.stop();
    const typed = await typeWithPauses(first);
    const { layers, width } = officialShapes[model.size];
    return {
      ...model,
      ...typed,
      weightsMb: readManifest(folder).files[weightsFile]!.bytes / 1e6,
      // A matrix of 64 × 64 a head and two vectors, in single precision.
      stateMb: (layers * 4 * (64 * width + 2 * width)) / 1e6,
      readyMs,
      suggestionMs,
      windowMb: alone,
      furtherWindowMb: both - alone,
    };
  } finally {
    for (const engine of engines) engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeDocs(
  load: number,
  figures: readonly Figures[],
): Promise<void> {
  const head = [
    "",
    "weights MB",
    "a state MB",
    "ready s",
    "first suggestion s",
    "first window MB",
    "further window MB",
    "keys answered %",
    "tokens a pause",
  ];
  const rows = figures.map((each) => [
    `${each.size} ${each.quantisation}`,
    each.weightsMb.toFixed(0),
    each.stateMb.toFixed(1),
    (each.readyMs / 1000).toFixed(1),
    (each.suggestionMs / 1000).toFixed(1),
    String(each.windowMb),
    String(each.furtherWindowMb),
    (100 * each.answered).toFixed(0),
    String(each.tokens),
  ]);
  const where = `${machine()}; load of the last five minutes, this bench included: ${load.toFixed(1)}.`;
  const path = join(__dirname, "..", "docs", "speed.md");
  const old = readFileSync(path, "utf8");
  const [begin, end] = ["<!-- bench:shapes -->", "<!-- /bench:shapes -->"];
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/speed.md has no ${begin}`);
  const table = `${where}\n\n${markdownTable(head, rows, "--:")}`;
  const changed = `${old.slice(0, from + begin.length)}\n\n${table}\n\n${old.slice(to)}`;
  writeFileSync(path, await format(changed, { parser: "markdown" }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
