import { spawnSync } from "node:child_process";
import type { MeasuredEngine } from "./engineProcess";
import type { Sample, Settings, Task } from "./runner";

interface Result {
  samples_ns: number[];
}

/** Where llama.cpp's own benchmark is: LLAMA_BENCH, or on the path. */
export function llamaBenchProgram(): string | undefined {
  const program = process.env.LLAMA_BENCH ?? "llama-bench";
  return spawnSync(program, ["--help"]).status === 0 ? program : undefined;
}

/** Tokens that are generated for one sample. */
const generated = 48;

/**
 * llama.cpp's own best loop, without JavaScript and without a sampler. Every sample is a run of the
 * program, which warms up first; only its own clock counts.
 */
export class LlamaBench implements MeasuredEngine {
  private settings: Settings = { threads: 1 };

  constructor(
    private readonly program: string,
    private readonly gguf: string,
  ) {}

  load(settings: Settings): Promise<Sample> {
    this.settings = settings;
    return Promise.resolve({ ms: 0, cpuMs: 0, waitedShare: NaN });
  }

  sample(task: Task): Promise<Sample> {
    const [prompt, count] =
      task.kind === "read" ? [task.tokens, 0] : [0, generated];
    const units = count || 1;
    const { threads, batchSize = 512, flashAttention = false } = this.settings;
    const args = [
      ...["-m", this.gguf, "-o", "json", "-r", prompt > 1000 ? "1" : "3"],
      ...["-t", String(threads), "-p", String(prompt), "-n", String(count)],
      ...["-b", "2048", "-ub", String(batchSize)],
      ...["-fa", flashAttention ? "1" : "0"],
    ];
    const { stdout, stderr } = spawnSync(this.program, args, {
      encoding: "utf8",
    });
    const [result] = JSON.parse(stdout || "[]") as Result[];
    if (result === undefined) throw new Error(`llama-bench failed: ${stderr}`);
    // Whether other programs disturb it cannot be measured, so the best of its repetitions counts.
    const ms = Math.min(...result.samples_ns) / 1e6 / units;
    return Promise.resolve({ ms, cpuMs: NaN, waitedShare: NaN });
  }

  memory(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): void {
    // Nothing runs between samples.
  }
}
