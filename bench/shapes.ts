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
import { addResult, readResults, type Figures } from "./shapes/results";
import { typeWithPauses } from "./shapes/typing";

const results = join(tmpdir(), "rwkv-bench", "shapes.json");

const usage = `Usage: npm run -s bench:shapes [-- --shape 1.5B] [--bits 4]

What official shapes cost the engine that was built last (node esbuild.mjs), on Linux. Measures the
shapes and bits that are named, or else all that are not measured yet, and writes the table in
docs/speed.md after each. What was measured is kept in TMPDIR (${results}),
and a package lies there while it is needed, the largest of 1.8 GB.`;

const sizes = ["0.1B", "0.4B", "1.5B"] as const;
const quantisations = ["int8", "int4"] as const satisfies Quantisation[];
const all = sizes.flatMap((size) =>
  quantisations.map((quantisation) => ({ size, quantisation })),
);
type Model = (typeof all)[number];

const nameOf = ({ size, quantisation }: Model) => `${size}-${quantisation}`;

/** A file of some hundred lines, at the end of which a line begins. */
const text = `${readFileSync(__filename, "utf8")}\n`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shape: { type: "string", multiple: true },
      bits: { type: "string", multiple: true },
      help: { type: "boolean", default: false },
    },
  });
  const { shape, bits, help } = values;
  const known = readResults(results).map(({ name }) => name);
  const isNamed = shape !== undefined || bits !== undefined;
  const wanted = all.filter((model) =>
    isNamed
      ? (shape?.includes(model.size) ?? true) &&
        (bits?.includes(model.quantisation.slice(3)) ?? true)
      : !known.includes(nameOf(model)),
  );
  if (help || (isNamed && wanted.length === 0)) {
    console.error(usage);
    process.exitCode = help ? 0 : 2;
    return;
  }
  for (const model of wanted) {
    console.error(nameOf(model));
    const figures = await measure(model);
    console.log(JSON.stringify(figures));
    addResult(results, figures);
    await writeDocs(readResults(results));
  }
}

async function measure(model: Model): Promise<Figures> {
  const modelsPath = join(tmpdir(), "rwkv-bench", "shapes");
  const name = nameOf(model);
  const folder = join(modelsPath, name);
  const engines: Engine[] = [];
  const open = () => {
    const engine = new Engine({ modelsPath, settings: { model: name } });
    engines.push(engine);
    return engine;
  };
  try {
    await writeShape(folder, model.size, model.quantisation);
    const first = open();
    const { readyMs } = await first.start(text, "automatic");
    // What the first suggestion has set off comes to its end.
    await sleep(2000);
    const alone = first.memory.ownShareMb;
    const second = open();
    await second.start(text, "automatic");
    await sleep(2000);
    const both = first.memory.ownShareMb + second.memory.ownShareMb;
    second.stop();
    first.stop();
    const typed = await typeWithPauses(folder);
    const { layers, width } = officialShapes[model.size];
    return {
      name,
      load: loadavg()[0]!,
      ...typed,
      weightsMb: readManifest(folder).files[weightsFile]!.bytes / 1e6,
      // A matrix of 64 × 64 a head and two vectors, in single precision.
      stateMb: (layers * 4 * (64 * width + 2 * width)) / 1e6,
      readyMs,
      windowMb: alone,
      furtherWindowMb: both - alone,
    };
  } finally {
    for (const engine of engines) engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeDocs(figures: readonly Figures[]): Promise<void> {
  const head = [
    "",
    "weights MB",
    "a state MB",
    "ready s",
    "first suggestion s",
    "first window MB",
    "further window MB",
    "keys answered %",
    "answer ms, median",
    "tokens a pause",
    "load",
  ];
  const inOrder = all.flatMap((model) =>
    figures.filter(({ name }) => name === nameOf(model)),
  );
  const rows = inOrder.map((each) => [
    each.name,
    each.weightsMb.toFixed(0),
    each.stateMb.toFixed(1),
    (each.readyMs / 1000).toFixed(1),
    (each.suggestionMs / 1000).toFixed(1),
    String(each.windowMb),
    String(each.furtherWindowMb),
    (100 * each.answered).toFixed(0),
    each.answerMs === null ? "–" : each.answerMs.toFixed(0),
    String(each.tokens),
    each.load.toFixed(1),
  ]);
  const where = `${machine()}. The load is that of the last minute, this bench included.`;
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
