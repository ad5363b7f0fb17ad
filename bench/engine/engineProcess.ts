import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Request, Sample, Settings, Task } from "./runner";
import type { EngineSpec } from "./worker";

/** Something that can be measured, one sample at a time. */
export interface MeasuredEngine {
  load(settings: Settings): Promise<Sample>;
  sample(task: Task): Promise<Sample>;
  /** Bytes of memory that the engine has added to its process; undefined where none stays. */
  memory(): Promise<number | undefined>;
  close(): void;
}

/** An engine in a process of its own, so that its memory is its own and its end is the end of it. */
export class EngineProcess implements MeasuredEngine {
  private readonly lines: AsyncIterator<string, undefined>;

  private constructor(private readonly child: ChildProcess) {
    const reader = createInterface({ input: child.stdout! });
    this.lines = reader[Symbol.asyncIterator]();
  }

  static node(spec: EngineSpec): EngineProcess {
    const worker = join(__dirname, "worker.ts");
    const args = ["--import", "tsx", worker, JSON.stringify(spec)];
    return EngineProcess.start(process.execPath, args);
  }

  static python(python: string, model: string): EngineProcess {
    const worker = join(__dirname, "rwkv_pip.py");
    return EngineProcess.start(python, [worker, model]);
  }

  private static start(program: string, args: readonly string[]) {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    return new EngineProcess(child);
  }

  load(load: Settings): Promise<Sample> {
    return this.ask({ load });
  }

  sample(task: Task): Promise<Sample> {
    return this.ask({ task });
  }

  async memory(): Promise<number> {
    return (await this.ask<{ bytes: number }>({ memory: true })).bytes;
  }

  close(): void {
    this.child.kill();
  }

  private async ask<T>(request: Request): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done)
        throw new Error(
          `${this.child.spawnargs.join(" ")} ended instead of answering ${JSON.stringify(request)}`,
        );
      // Native libraries print, too.
      if (value.startsWith("{")) return JSON.parse(value) as T;
    }
  }
}
