import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadModel, type LoadedModel } from "../../src/runtime/loadedModel";
import { makeTinyModel } from "../support/tinyModel";
import { torture, tortureTokens, type TortureFigures } from "./torture";

/**
 * Edits documents at random and compares what is kept of them with a fresh start:
 *
 *     npm run torture:state [-- --edits 100000] [--shipped 1000] [--seed 1]
 *
 * First with a tiny network in full precision, then with the shipped one in 8 bits. Logits have to be
 * equal, bit for bit.
 */
interface Phase {
  about: string;
  /** Share of the edits. */
  share: number;
  /** UTF-16 units that documents grow to. */
  size: number;
  idle: number;
  /** Memory, in states. */
  states: number;
  text?: string;
}

const phases: readonly Phase[] = [
  {
    about: "small documents",
    share: 0.87,
    size: 200,
    idle: 0.02,
    states: 16,
  },
  {
    about: "documents of 100 lines, little memory",
    share: 0.12,
    size: 1000,
    idle: 0.05,
    states: 24,
  },
  {
    about: "10,000 tokens",
    share: 0.009,
    size: 10_000,
    idle: 0.5,
    states: 150,
  },
  {
    about: "more than 256 KB",
    share: 0.001,
    size: 600_000,
    idle: 0.1,
    states: 2000,
    text: "function next(i) {\n  return list[i + 1];\n}\n".repeat(9000),
  },
];

const signal = new AbortController().signal;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      edits: { type: "string", default: "100000" },
      shipped: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
    },
  });
  const seed = Number(values.seed);
  const tiny = await makeTinyModel();
  try {
    await inFullPrecision(tiny.folder, Number(values.edits), seed);
  } finally {
    tiny.remove();
  }
  const shipped = join(__dirname, "../../media/model");
  await quantised(shipped, Number(values.shipped), seed);
}

async function inFullPrecision(
  folder: string,
  edits: number,
  seed: number,
): Promise<void> {
  await withModel(folder, async (loaded, states) => {
    for (const { about, share, states: count, ...phase } of phases) {
      const began = performance.now();
      const figures = await torture(loaded, {
        ...phase,
        seed,
        edits: Math.round(share * edits),
        compareEvery: share < 0.01 ? 10 : 100,
        budget: count * loaded.network.emptyState.bytes,
        folder: states,
        tolerance: 0,
      });
      report(about, figures, performance.now() - began);
    }
  });
}

async function quantised(
  folder: string,
  compared: number,
  seed: number,
): Promise<void> {
  await withModel(folder, async (loaded, states) => {
    tortureTokens(loaded.tokenizer, { seed, edits: 50 * compared, size: 1500 });
    const began = performance.now();
    const figures = await torture(loaded, {
      seed,
      edits: compared,
      compareEvery: 1,
      size: 1000,
      idle: 0.05,
      budget: 24 * loaded.network.emptyState.bytes,
      folder: states,
      tolerance: 0,
    });
    report("shipped model", figures, performance.now() - began);
  });
}

/** A model and an empty folder for its states. */
async function withModel(
  folder: string,
  use: (loaded: LoadedModel, states: string) => Promise<void>,
): Promise<void> {
  const states = await mkdtemp(join(tmpdir(), "states-"));
  const options = { threads: 1, memoryBudget: 1e9, signal };
  const loaded = await loadModel(folder, options);
  try {
    await use(loaded, states);
  } finally {
    await loaded.dispose();
    await rm(states, { recursive: true });
  }
}

function report(about: string, figures: TortureFigures, ms: number): void {
  const { requests, exact, mostRun, aborted, compared, from } = figures;
  console.log(
    `${about}: ${requests} requests in ${(ms / 1000).toFixed(0)} s, ` +
      `${((100 * exact) / requests).toFixed(1)} % exact, at most ${mostRun} tokens run, ${aborted} given up\n` +
      `  ${compared} compared (${JSON.stringify(from)}): largest difference of logits ` +
      figures.largestDifference.toExponential(2),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
