import { parseArgs } from "node:util";
import { contest, tune, type ContestOptions } from "./engine/contest";
import { contestants, type Contestant } from "./engine/contestants";
import { multiplyAddRate, readBandwidth } from "./engine/limits";
import { benchModel, shapes, type BenchModel } from "./engine/models";
import {
  entryOf,
  machine,
  ratiosOf,
  tables,
  type Entry,
  type Limit,
} from "./engine/report";
import { Disturbances } from "./engine/undisturbed";

const usage = `Usage: npm run -s bench:engine [-- --json] [--quick] [--shape bundled|0.1B] [--threads N]

Our engine beside llama.cpp and the rwkv package on the same weights. docs/speed.md says how it
measures and where the other engines come from.`;

/** Number of threads for trying settings, the same as for the ratios. */
const tunedThreads = 2;
const waitingBudgetMs = 180_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      shape: { type: "string", multiple: true, default: [...shapes] },
      threads: { type: "string", multiple: true, default: ["1", "2"] },
      help: { type: "boolean", default: false },
    },
  });
  const wanted = shapes.filter((shape) => values.shape.includes(shape));
  if (values.help || wanted.length === 0) {
    console.error(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const options: ContestOptions = {
    rounds: values.quick ? 2 : 5,
    prefills: values.quick ? [16, 64, 256] : [16, 64, 256, 2048],
    disturbances: new Disturbances(waitingBudgetMs),
  };
  const entries: Entry[] = [];
  for (const shape of wanted) {
    const model = benchModel(shape);
    const engines = contestants(model);
    console.error(`${shape}: trying settings`);
    const tried = new Map(
      await each(engines, async (engine) =>
        tune(engine, tunedThreads, options),
      ),
    );
    for (const threads of values.threads.map(Number)) {
      console.error(`${shape}, threads: ${threads}`);
      const results = await contest(
        engines.map((contestant) => ({
          contestant,
          settings: { threads, ...tried.get(contestant)![0]!.settings },
        })),
        options,
      );
      for (const result of results) {
        const { contestant } = result;
        entries.push(
          entryOf(
            model,
            result,
            tried.get(contestant)!,
            await limitOf(model, contestant, threads),
          ),
        );
      }
    }
  }
  const ratios = ratiosOf(entries);
  if (values.json) {
    console.log(JSON.stringify({ engines: entries, ratios }));
    return;
  }
  const { samples, disturbed } = options.disturbances;
  console.log(`${machine()}\n\n${tables(entries)}\n`);
  console.log("node-llama-cpp's time over ours, 8 bits, 2 threads:", ratios);
  console.log(
    `disturbed by other programs: ${disturbed} of ${samples} samples`,
  );
}

/** Maps items one after the other; returns pairs of an item and its result. */
async function each<T, U>(
  items: readonly T[],
  work: (item: T) => Promise<U>,
): Promise<[T, U][]> {
  const pairs: [T, U][] = [];
  for (const item of items) pairs.push([item, await work(item)]);
  return pairs;
}

/** The hardware limits of our engine's speed. */
async function limitOf(
  { bytesPerToken: bytesOf, multiplyAdds }: BenchModel,
  { engine, weights, copying }: Contestant,
  threads: number,
): Promise<Limit | undefined> {
  if (engine !== "ours" || copying) return undefined;
  const quantisation = weights === "8-bit" ? "int8" : "int4";
  const bytesPerToken = bytesOf(quantisation);
  const readGbPerSecond = await readBandwidth(bytesPerToken, threads);
  const rate = 1e9 * (await multiplyAddRate(quantisation, threads));
  return {
    readGbPerSecond,
    multiplyAddsPerSecond: rate,
    bytesPerToken,
    decodeMs: bytesPerToken / readGbPerSecond / 1e6,
    prefillTokensPerSecond: rate / multiplyAdds,
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
