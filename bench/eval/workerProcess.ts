import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A process that runs a file of this folder and answers one task at a time. */
export class WorkerProcess<Task> {
  private readonly child: ChildProcess;
  private readonly ended = new AbortController();

  constructor(file: string, args: readonly string[]) {
    this.child = fork(join(__dirname, file), args, {
      execArgv: ["--require", "tsx/cjs"],
    });
    this.child.once("exit", () => {
      this.ended.abort(new Error("a process of the evaluation has ended"));
    });
  }

  ask(task: Task): void {
    this.child.send(task as object);
  }

  /** @throws AbortError if the process has ended */
  async reply<T>(): Promise<T> {
    const { signal } = this.ended;
    const [reply] = (await once(this.child, "message", { signal })) as [T];
    return reply;
  }

  stop(): void {
    this.child.kill();
  }
}
