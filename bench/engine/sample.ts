import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Runner, Sample, Settings, Task } from "./runner";

/** Milliseconds of a sample: shorter tasks are repeated until they have taken so long together. */
const leastMs = 250;
/** Milliseconds between two keys, after which the threads are asleep. */
const keyPauseMs = 20;
const generated = 8;

/** Tokens that any vocabulary here has, no special ones among them. */
export function someTokens(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 300 + ((i * 7919) % 3700));
}

export async function sampleLoad(
  runner: Runner,
  settings: Settings,
): Promise<Sample> {
  return timed(async (clock) => {
    await runner.unload();
    await clock(1, () => runner.load(settings));
  });
}

export async function sampleTask(runner: Runner, task: Task): Promise<Sample> {
  return timed(async (clock) => {
    switch (task.kind) {
      case "read": {
        const tokens = someTokens(task.tokens);
        return clock.repeated(1, () => runner.read(tokens));
      }
      case "append": {
        await runner.read(someTokens(256));
        for (let key = 0; key < 10; key++) {
          await pause(keyPauseMs);
          await clock(1, () => runner.append(300 + key));
        }
        return;
      }
      case "generate":
        await runner.read(someTokens(16));
        await runner.generate(generated);
        return clock.repeated(generated, () => runner.generate(generated));
    }
  });
}

interface Clock {
  /** Times one call that does `units` of what is counted. */
  (units: number, call: () => Promise<void>): Promise<void>;
  repeated(units: number, call: () => Promise<void>): Promise<void>;
}

/** The median of what `work` puts on the clock. */
async function timed(work: (clock: Clock) => Promise<void>): Promise<Sample> {
  const times: number[] = [];
  let cpu = 0;
  let counted = 0;
  const clock = async (units: number, call: () => Promise<void>) => {
    const cpuBefore = cpuMs();
    const started = performance.now();
    await call();
    times.push((performance.now() - started) / units);
    cpu += cpuMs() - cpuBefore;
    counted += units;
  };
  const repeated = async (units: number, call: () => Promise<void>) => {
    const started = performance.now();
    do await clock(units, call);
    while (performance.now() - started < leastMs);
  };
  const began = performance.now();
  const waited = waitedMs();
  await work(Object.assign(clock, { repeated }));
  return {
    ms: median(times),
    cpuMs: cpu / counted,
    waitedShare: (waitedMs() - waited) / (performance.now() - began),
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds that the threads of this process have waited for a processor (Linux: schedstat's second number). */
export function waitedMs(): number {
  try {
    const tasks = "/proc/self/task";
    const waits = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[1]),
    );
    return waits.reduce((sum, wait) => sum + wait, 0) / 1e6;
  } catch {
    return NaN;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
