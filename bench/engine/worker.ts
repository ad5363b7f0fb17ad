/**
 * One engine in a process of its own: a request a line comes in, its answer goes out. The second
 * argument says which engine and where its model is.
 */
import { createInterface } from "node:readline";
import { sampleLoad, sampleTask } from "./sample";
import type { Request, Runner } from "./runner";
import type { CopySources } from "./ours";

export type EngineSpec =
  | { ours: string; vocabulary: number; copy?: CopySources }
  | { nodeLlama: string; gguf: string };

/** What the process holds before it has anything of an engine. */
const baseline = process.memoryUsage.rss();

/** Only the engine that is measured is imported. */
async function open(spec: EngineSpec): Promise<Runner> {
  if ("ours" in spec) {
    const { Ours } = await import("./ours");
    return new Ours(spec.ours, spec.vocabulary, spec.copy);
  }
  const { NodeLlama } = await import("./nodeLlama");
  return new NodeLlama(spec.nodeLlama, spec.gguf);
}

async function main(): Promise<void> {
  const runner = await open(JSON.parse(process.argv[2]!) as EngineSpec);
  const answer = (request: Request): unknown => {
    if ("memory" in request)
      return { bytes: process.memoryUsage.rss() - baseline };
    return "load" in request
      ? sampleLoad(runner, request.load)
      : sampleTask(runner, request.task);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const result = await answer(JSON.parse(line) as Request);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  process.exit();
}

void main();
