/** One network in a process of its own; prints what it measures as a line of JSON each. */
import { OnnxModel } from "../../src/engine/onnxModel";
import { join } from "node:path";
import { graphFile } from "../../src/models/package/manifest";
import { median, someTokens, waitedMs } from "../engine/sample";
import { AttentionModel, type AttentionShape } from "./attention";

export interface RwkvJob {
  readonly rwkv: string;
  readonly vocabulary: number;
  readonly contexts: readonly number[];
  readonly threads: number;
}
export interface AttentionJob {
  readonly attention: string;
  readonly shape: AttentionShape;
  readonly context: number;
  readonly threads: number;
}

/** What it is to have read `context` tokens. */
export interface Point {
  readonly context: number;
  readonly decodeMs: number;
  /** What keeps the context: a state, or a cache of keys and values. */
  readonly contextBytes: number;
  readonly residentBytes: number;
  /** As in a sample of the engines' bench, since the process began. */
  readonly waitedShare: number;
}
export type RwkvPoint = Point & {
  /** Of reading the whole context, from the first token on. */
  readonly prefillMs: number;
};
export type AttentionPoint = Point & {
  /** Of reading the last `chunk` tokens of the context. */
  readonly chunkMs: number;
};

/** Tokens that are read at a time. */
export const chunk = 128;
const decodes = 9;
const chunks = 3;

async function medianMs(
  count: number,
  run: () => Promise<unknown>,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return median(times);
}

/** Everything is read: nothing about being linear is taken for granted. */
async function rwkv(job: RwkvJob): Promise<void> {
  const model = await OnnxModel.load(
    join(job.rwkv, graphFile),
    job.vocabulary,
    job.threads,
  );
  const tokens = someTokens(chunk);
  let state = model.emptyState;
  let prefillMs = 0;
  let read = 0;
  for (const context of job.contexts) {
    while (read < context) {
      const count = Math.min(chunk, context - read);
      const started = performance.now();
      state = await model.advance(tokens.slice(0, count), state);
      prefillMs += performance.now() - started;
      read += count;
    }
    const decodeMs = await medianMs(decodes, () => model.step([300], state));
    print<RwkvPoint>({
      context,
      decodeMs,
      contextBytes: state.bytes,
      residentBytes: process.memoryUsage.rss(),
      waitedShare: waitedShare(),
      prefillMs,
    });
  }
}

async function attention(job: AttentionJob): Promise<void> {
  const { context, threads } = job;
  const capacity = Math.max(context, chunk) + 1;
  const model = await AttentionModel.load(
    job.attention,
    job.shape,
    capacity,
    threads,
  );
  const residentBytes = process.memoryUsage.rss();
  const before = Math.max(0, context - chunk);
  // The first run of each kind allocates.
  for (let run = 0; run <= decodes; run++) await model.run([300], context);
  for (let run = 0; run <= chunks; run++)
    await model.run(someTokens(chunk), before);
  const times = model.runTimes();
  const decodeMs = median(times.slice(1, 1 + decodes));
  const chunkMs = median(times.slice(2 + decodes));
  print<AttentionPoint>({
    context,
    decodeMs,
    contextBytes: (model.cacheBytes / capacity) * context,
    residentBytes,
    waitedShare: waitedShare(),
    chunkMs,
  });
}

function waitedShare(): number {
  return waitedMs() / performance.now();
}

function print<T>(point: T): void {
  console.log(JSON.stringify(point));
}

if (require.main === module) {
  const job = JSON.parse(process.argv[2]!) as RwkvJob | AttentionJob;
  void ("rwkv" in job ? rwkv(job) : attention(job));
}
