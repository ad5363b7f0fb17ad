import { availableParallelism } from "node:os";
import { sampleLines } from "./project";
import { ShownCounts } from "./shownCounts";
import type { ShownOptions, ShownReply, ShownTask } from "./shownWorker";
import { readSourceFiles } from "./sourceFiles";
import { WorkerProcess } from "./workerProcess";

/** What was shown under one setting, with one context known. */
export interface ShownRow {
  readonly context: string;
  readonly setting: string;
  readonly overall: ShownCounts;
  readonly languages: ReadonlyMap<string, ShownCounts>;
}

/**
 * Types a sample of lines in each of some projects and counts what is on the screen, in a process
 * for each processor; with a time budget in one alone, so that none takes time from another.
 *
 * @throws Error if a project has no lines to type or a process fails, which tells why on stderr
 */
export async function evaluateShown(
  folders: readonly string[],
  options: ShownOptions,
): Promise<ShownRow[]> {
  const tasks: ShownTask[] = folders.flatMap((folder) => {
    const files = readSourceFiles(folder);
    const sample = sampleLines(files, options.lines, options.unwritten);
    if (sample.length === 0)
      throw new Error(`there are no lines to type in ${folder}`);
    return [...sample.keys()].map((file) => ({ folder, file }));
  });
  const rows = options.contexts.flatMap((context) =>
    options.settings.map((setting) => ({
      context,
      setting,
      overall: new ShownCounts(),
      languages: new Map<string, ShownCounts>(),
    })),
  );
  const add = ({ context, setting, language, counts }: ShownReply) => {
    const row = rows.find(
      (row) => row.context === context && row.setting === setting,
    )!;
    row.overall.add(counts);
    const ofLanguage = row.languages.get(language) ?? new ShownCounts();
    row.languages.set(language, ofLanguage);
    ofLanguage.add(counts);
  };
  await inWorkers<ShownTask, ShownReply[]>(
    "shownWorker.ts",
    options,
    tasks,
    options.isTimed ? 1 : availableParallelism(),
    (replies) => replies.forEach(add),
  );
  return rows;
}

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
