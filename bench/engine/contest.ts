import type { Contestant, Tuning } from "./contestants";
import type { MeasuredEngine } from "./engineProcess";
import type { Sample, Settings, Task } from "./runner";
import { median } from "./sample";
import type { Disturbances } from "./undisturbed";

export interface ContestOptions {
  readonly rounds: number;
  readonly prefills: readonly number[];
  readonly disturbances: Disturbances;
}

/** What was measured of an engine: medians. */
export interface Result {
  readonly contestant: Contestant;
  readonly settings: Settings;
  readonly decodeMs: number;
  readonly cpuSecondsPerToken: number | null;
  /** By the number of tokens that were read at once. */
  readonly prefillTokensPerSecond: Readonly<Record<string, number>>;
  /** From a key press to the next token, with everything before it read already. */
  readonly firstTokenMs: number | null;
  readonly loadMs: number | null;
  readonly residentMb: number | null;
  /** See `Sample`; null where nothing is known. */
  readonly waitedShare: number | null;
}

export interface Tried {
  readonly settings: Tuning;
  /** Tokens per second when 256 are read. */
  readonly prefill256: number;
}

/** A task is not repeated when an engine has spent this long on it. */
const mostMsPerTask = 6000;
const loads = 3;

/** Tries an engine's settings, which matter for reading alone, best first. */
export async function tune(
  contestant: Contestant,
  threads: number,
  { disturbances }: ContestOptions,
): Promise<Tried[]> {
  const { tunings } = contestant;
  const engine = contestant.open();
  const tried: Tried[] = [];
  for (const settings of tunings) {
    await engine.load({ threads, ...settings });
    const times: number[] = [];
    const reading = { kind: "read", tokens: 256 } as const;
    for (let i = 0; i < (tunings.length > 1 ? 3 : 1); i++) {
      const take = () => engine.sample(reading);
      times.push((await disturbances.undisturbed(take)).ms);
    }
    tried.push({ settings, prefill256: 256_000 / median(times) });
  }
  engine.close();
  return tried.sort((a, b) => b.prefill256 - a.prefill256);
}

/** All engines side by side: each task of each round by one after the other. */
export async function contest(
  entries: readonly { contestant: Contestant; settings: Settings }[],
  { rounds, prefills, disturbances }: ContestOptions,
): Promise<Result[]> {
  const runs = entries.map((entry) => new Run(entry, disturbances));
  try {
    for (let load = 0; load < loads; load++)
      for (const run of runs) await run.load();
    const tasks: Task[] = [
      { kind: "generate" },
      { kind: "append" },
      ...prefills.map((tokens) => ({ kind: "read", tokens }) as const),
    ];
    for (let round = 0; round < rounds; round++)
      for (const task of tasks) for (const run of runs) await run.take(task);
    return await Promise.all(runs.map((run) => run.result(prefills)));
  } finally {
    for (const run of runs) run.close();
  }
}

/** One engine in a contest, and its samples. */
class Run {
  private readonly engine: MeasuredEngine;
  private readonly samples = new Map<string, Sample[]>();
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly entry: { contestant: Contestant; settings: Settings },
    private readonly disturbances: Disturbances,
  ) {
    this.engine = entry.contestant.open();
  }

  load(): Promise<void> {
    return this.sample("load", () => this.engine.load(this.entry.settings));
  }

  take(task: Task): Promise<void> {
    return this.sample(nameOf(task), () => this.engine.sample(task));
  }

  private async sample(
    name: string,
    take: () => Promise<Sample>,
  ): Promise<void> {
    const spent = this.spent.get(name) ?? 0;
    if (spent > mostMsPerTask) return;
    const began = performance.now();
    const sample = await this.disturbances.undisturbed(take);
    this.spent.set(name, spent + performance.now() - began);
    this.samples.set(name, [...(this.samples.get(name) ?? []), sample]);
  }

  async result(prefills: readonly number[]): Promise<Result> {
    const bytes = await this.engine.memory();
    const inProcess = bytes !== undefined;
    const ms = (name: string) => this.median(name, (sample) => sample.ms);
    const cpu = this.median("generate", (sample) => sample.cpuMs) / 1000;
    return {
      ...this.entry,
      decodeMs: ms("generate"),
      cpuSecondsPerToken: inProcess ? cpu : null,
      prefillTokensPerSecond: Object.fromEntries(
        prefills.map((tokens) => [
          tokens,
          (tokens / ms(`read ${tokens}`)) * 1e3,
        ]),
      ),
      firstTokenMs: inProcess ? ms("append") : null,
      loadMs: inProcess ? ms("load") : null,
      residentMb: inProcess ? bytes / 1e6 : null,
      waitedShare: this.waitedShare(),
    };
  }

  close(): void {
    this.engine.close();
  }

  private waitedShare(): number | null {
    const shares = [...this.samples.values()]
      .flat()
      .map((sample) => sample.waitedShare)
      .filter((share) => !Number.isNaN(share));
    return shares.length === 0 ? null : median(shares);
  }

  private median(name: string, of: (sample: Sample) => number): number {
    return median((this.samples.get(name) ?? []).map(of));
  }
}

function nameOf(task: Task): string {
  return task.kind === "read" ? `read ${task.tokens}` : task.kind;
}
