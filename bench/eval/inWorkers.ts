import { WorkerProcess } from "./workerProcess";

/** Distributes tasks to processes, each to the next free one; calls `take` with each reply. */
export async function inWorkers<Task, Reply>(
  file: string,
  options: object,
  tasks: readonly Task[],
  processes: number,
  take: (reply: Reply) => void,
): Promise<void> {
  const left = [...tasks];
  const work = async (): Promise<void> => {
    const worker = new WorkerProcess<Task>(file, [JSON.stringify(options)]);
    try {
      await worker.reply();
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        worker.ask(task);
        take(await worker.reply<Reply>());
      }
    } finally {
      worker.stop();
    }
  };
  const count = Math.min(processes, tasks.length);
  await Promise.all(Array.from({ length: count }, work));
}
