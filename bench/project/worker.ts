import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { nameCandidates } from "../../src/project/candidates";
import { ProjectFiles } from "../../src/project/files";
import { Indexer } from "../../src/project/indexer";
import { Project } from "../../src/project/project";
import { ProjectStore } from "../../src/project/projectStore";
import { BpeTokenizer } from "../../src/tokenizer/bpe";

/*
 * Indexes a folder in a process of its own, saves it, reads it again, and prints what that took as
 * JSON. Arguments: the folder, one for the saved file, megabytes of the budget.
 */
export interface ProjectPoint {
  readonly files: number;
  readonly names: number;
  readonly sources: number;
  readonly leftOut: number;
  /** Seconds of a core, and by the clock. */
  readonly seconds: number;
  readonly clock: number;
  /** Milliseconds by the clock that a message waits: 99 in 100, and at the most. */
  readonly delayP99: number;
  readonly delayMax: number;
  /** Bytes counted, alive in the process, and of the saved file. */
  readonly counted: number;
  readonly process: number;
  readonly saved: number;
  /** Seconds of a core for reading the saved file and looking at all files. */
  readonly again: number;
  /** Microseconds of a core for candidates at a place, and for a look-up by two letters. */
  readonly candidates: number;
  readonly lookUp: number;
}

const [folder = "", storage = "", megabytes = "96"] = process.argv.slice(2);
const budget = Number(megabytes) * 1e6;
const tokenizer = new BpeTokenizer(
  JSON.parse(
    readFileSync(join(__dirname, "../../media/model/tokenizer.json"), "utf8"),
  ),
);

async function main(): Promise<void> {
  global.gc?.();
  const before = memory();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const { project, seconds, clock } = await index();
  delay.disable();
  const { files, names, sources, leftOut, bytes } = project.figures;
  global.gc?.();
  const paths = [...pathsOf(project)];
  const point: ProjectPoint = {
    files,
    names,
    sources,
    leftOut,
    seconds,
    clock,
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    counted: bytes,
    process: memory() - before,
    saved: readdirSync(storage).reduce(
      (sum, name) => sum + statSync(join(storage, name)).size,
      0,
    ),
    again: (await index()).seconds,
    candidates: micros(200, (i) =>
      nameCandidates(
        project,
        { path: paths[Math.floor(i / 20)]!, typed: "ge" },
        32,
      ),
    ),
    lookUp: micros(2000, (i) =>
      project.names.withPrefix(["ge", "se", "is", "co"][i % 4]!, 32),
    ),
  };
  console.log(JSON.stringify(point));
}

/** Bytes that are alive in the process. */
function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* pathsOf(project: Project): Generator<string> {
  let taken = 0;
  for (const [, { path }] of project.all()) if (taken++ < 50) yield path;
}

async function index() {
  const project = new Project({ budget });
  const store = new ProjectStore(storage, {
    roots: [folder],
    tokenizer: "bundled",
    mostBytes: 2 * budget,
  });
  const mayRead = () => true;
  const indexer = new Indexer({
    files: new ProjectFiles([folder], { mayRead, log: note }),
    project,
    mayRead,
    store,
    log: note,
    turn: () => yieldToEventLoop(),
  });
  indexer.useTokenizer(tokenizer, 1);
  const cpu = process.cpuUsage();
  const clock = performance.now();
  indexer.opened(join(folder, "part0", "d0", "file0.py"));
  indexer.rescan();
  await indexer.settled();
  const { user, system } = process.cpuUsage(cpu);
  return {
    project,
    seconds: (user + system) / 1e6,
    clock: (performance.now() - clock) / 1000,
  };
}

function micros(times: number, work: (i: number) => unknown): number {
  const cpu = process.cpuUsage();
  for (let i = 0; i < times; i++) work(i);
  return process.cpuUsage(cpu).user / times;
}

function note(line: string): void {
  console.error(line);
}

void main();
