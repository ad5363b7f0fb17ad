import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { markdownTable } from "./markdownTable";
import { sourceTexts, writeProject } from "./project/folder";
import { measureLatency } from "./project/latency";
import type { ProjectPoint } from "./project/worker";

const usage = `Usage: npm run -s bench:project -- [--source FOLDER] [--files N] [--budget MB] [--json]
       npm run -s bench:project -- --latency [--keys N] [--source FOLDER] [--files N]

Indexes projects of 100, 1,000 and 20,000 files of real text, taken from a folder (node_modules by
default), each in a process of its own: seconds, memory, the saved file, look-ups.

With --latency the server that was built last indexes one of 20,000 files while somebody types
(600 keys, twice): milliseconds to an answer while it goes on in the pauses and while it does not, by a coin for each
pause that is turned the second time, and what the server takes when it is done. On Linux.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      source: {
        type: "string",
        default: join(__dirname, "..", "node_modules"),
      },
      files: {
        type: "string",
        multiple: true,
      },
      latency: { type: "boolean", default: false },
      keys: { type: "string", default: "600" },
      budget: { type: "string", default: "96" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const texts = sourceTexts(values.source, 60e6);
  const work = mkdtempSync(join(tmpdir(), "bench-project-"));
  try {
    if (values.latency) {
      const folder = join(work, "typed");
      const storage = join(work, "saved");
      mkdirSync(storage);
      writeProject(folder, texts, Number(values.files?.[0] ?? 20_000));
      const point = await measureLatency(folder, storage, Number(values.keys));
      console.log(JSON.stringify(point));
      return;
    }
    const sizes = values.files ?? ["100", "1000", "20000"];
    const points = sizes.map((files) => {
      const folder = join(work, files);
      const storage = join(work, `${files}-saved`);
      mkdirSync(storage);
      const bytes = writeProject(folder, texts, +files);
      const args = [
        "--expose-gc",
        "--require",
        "tsx/cjs",
        join(__dirname, "project", "worker.ts"),
        folder,
        storage,
        values.budget,
      ];
      const output = execFileSync(process.execPath, args, { encoding: "utf8" });
      rmSync(folder, { recursive: true });
      return { bytes, ...(JSON.parse(output) as ProjectPoint) };
    });
    console.log(values.json ? JSON.stringify(points) : table(points));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function table(points: readonly (ProjectPoint & { bytes: number })[]): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return markdownTable(
    [
      "files",
      "MB",
      "names",
      "with tokens",
      "left out",
      "s of a core",
      "s",
      "ms that a message waits, p99",
      "at most",
      "MB counted",
      "MB alive",
      "MB saved",
      "next start, s of a core",
      "candidates, µs",
      "look-up, µs",
    ],
    points.map((p) => [
      String(p.files),
      mb(p.bytes),
      String(p.names),
      String(p.sources),
      String(p.leftOut),
      p.seconds.toFixed(1),
      p.clock.toFixed(1),
      p.delayP99.toFixed(0),
      p.delayMax.toFixed(0),
      mb(p.counted),
      mb(p.process),
      mb(p.saved),
      p.again.toFixed(2),
      p.candidates.toFixed(0),
      p.lookUp.toFixed(0),
    ]),
    "--:",
  );
}

void main();
