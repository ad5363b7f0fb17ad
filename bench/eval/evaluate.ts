import { availableParallelism } from "node:os";
import { Counts } from "./counts";
import { choose } from "./places";
import type { SourceFile } from "./sourceFiles";
import type { Description } from "./subject";
import type { EvaluationOptions, Reply, Task } from "./worker";
import { WorkerProcess } from "./workerProcess";

/** The figures of a model on some files, for one row. */
export interface EvaluatedRow {
  readonly overall: Counts;
  readonly languages: ReadonlyMap<string, Counts>;
}

/** How many files are evaluated, at the most. */
export interface FileLimits {
  readonly evaluated: number;
  /** Those a part of which is typed. */
  readonly replayed: number;
}

/**
 * Evaluates a model package on the source files of a folder, in a process for each processor, since
 * a step of a small model gains little from a second thread.
 *
 * @param files of the folder, as `readSourceFiles` gives them
 * @throws Error if a process fails, which tells why on stderr
 */
export async function evaluate(
  options: EvaluationOptions,
  files: readonly SourceFile[],
  { evaluated, replayed }: FileLimits,
): Promise<{ model: Description; rows: EvaluatedRow[] }> {
  const left = choose([...files.keys()], evaluated, 0);
  const isReplayed = new Set(choose(left, replayed, 0));
  const rows = options.rows.map(() => ({
    overall: new Counts(),
    languages: new Map<string, Counts>(),
  }));
  const replies = new Map<number, Reply>();
  const work = async (): Promise<Description> => {
    const worker = new WorkerProcess<Task>("worker.ts", [
      JSON.stringify(options),
    ]);
    try {
      const model = await worker.reply<Description>();
      for (let file = left.shift(); file !== undefined; file = left.shift()) {
        worker.ask({ file, isReplayed: isReplayed.has(file) });
        replies.set(file, await worker.reply<Reply>());
      }
      return model;
    } finally {
      worker.stop();
    }
  };
  const count = Math.min(availableParallelism(), left.length);
  const models = await Promise.all(Array.from({ length: count }, work));
  // In the files' order, so that sums are the same however the work was shared out.
  files.forEach(({ language }, file) => {
    replies.get(file)?.forEach((counts, i) => {
      const { overall, languages } = rows[i]!;
      const ofLanguage = languages.get(language) ?? new Counts();
      languages.set(language, ofLanguage);
      ofLanguage.add(counts);
      overall.add(counts);
    });
  });
  return { model: models[0]!, rows };
}
