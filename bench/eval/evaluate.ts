import { availableParallelism } from "node:os";
import { Counts } from "./counts";
import { choose } from "./places";
import type { SourceFile } from "./sourceFiles";
import type { Description } from "./subject";
import type { Reply, Task } from "./worker";
import { WorkerProcess } from "./workerProcess";

/** Files a part of which is typed. */
const replayedFiles = 40;

/** What a model reaches on some files. */
export interface Evaluation {
  readonly model: Description;
  readonly overall: Counts;
  readonly languages: ReadonlyMap<string, Counts>;
  /** With other files open and the text behind known; empty if not asked for. */
  readonly crossFile: Counts;
}

/**
 * Evaluates a model package on the source files of a folder, in a process for each processor, since
 * a step of a small model gains little from a second thread.
 *
 * @param files of the folder, as `readSourceFiles` gives them
 * @param options.crossFile whether to do all a second time with other files open
 * @param options.copies whether copies and n-grams are mixed in, as in the product
 * @throws Error if a process fails, which tells why on stderr
 */
export async function evaluate(
  packageFolder: string,
  folder: string,
  files: readonly SourceFile[],
  { crossFile, copies }: { crossFile: boolean; copies: boolean },
): Promise<Evaluation> {
  const replayed = new Set(choose([...files.keys()], replayedFiles, 0));
  const replies: Reply[] = [];
  const left = [...files.keys()];
  const work = async (): Promise<Description> => {
    const worker = new WorkerProcess<Task>("worker.ts", [
      packageFolder,
      folder,
      String(copies),
    ]);
    try {
      const model = await worker.reply<Description>();
      for (let file = left.shift(); file !== undefined; file = left.shift()) {
        worker.ask({ file, isReplayed: replayed.has(file), crossFile });
        replies[file] = await worker.reply<Reply>();
      }
      return model;
    } finally {
      worker.stop();
    }
  };
  const count = Math.min(availableParallelism(), files.length);
  const models = await Promise.all(Array.from({ length: count }, work));

  const evaluation = {
    model: models[0]!,
    overall: new Counts(),
    languages: new Map<string, Counts>(),
    crossFile: new Counts(),
  };
  files.forEach(({ language }, i) => {
    const { alone, across } = replies[i]!;
    const counts = evaluation.languages.get(language) ?? new Counts();
    evaluation.languages.set(language, counts);
    counts.add(alone);
    evaluation.overall.add(alone);
    evaluation.crossFile.add(across);
  });
  return evaluation;
}
