import { WorkerProcess } from "./workerProcess";

/** Has processes do tasks, whichever is free the next one; `take` is given each reply. */
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
