import { Contexts, type Context } from "./contexts";
import type { Counts } from "./counts";
import { FileEvaluation, type Row } from "./fileEvaluation";
import { serveTasks } from "./serveTasks";
import { readSourceFiles } from "./sourceFiles";
import { openSubject } from "./subject";

/** What is known in a row of figures. */
export interface RowOptions extends Omit<Row, "known"> {
  readonly context: Context;
}

/** How all files are evaluated. */
export interface EvaluationOptions {
  readonly packageFolder: string;
  readonly folder: string;
  /** Whether copies and n-grams are mixed in, as in the product. */
  readonly copies: boolean;
  readonly rows: readonly RowOptions[];
}

/** What a worker is asked for. */
export interface Task {
  /** Number of the file in the folder. */
  readonly file: number;
  readonly isReplayed: boolean;
}

/** What it has counted, by rows. */
export type Reply = readonly Counts[];

/** Evaluates files one by one as the parent process asks for them: `worker.ts OPTIONS`. */
serveTasks<Task, Reply>(async ([json]) => {
  const options = JSON.parse(json!) as EvaluationOptions;
  const { packageFolder, folder, copies } = options;
  const files = readSourceFiles(folder);
  const subject = await openSubject(packageFolder, { copies });
  const contexts = new Contexts(subject);
  return {
    greeting: subject.description,
    answer: async ({ file: number, isReplayed }) => {
      const file = files[number]!;
      const rows: Row[] = [];
      for (const { context, ...row } of options.rows) {
        const known = await contexts.open(context, folder, file, files);
        rows.push({ ...row, known });
      }
      const evaluation = new FileEvaluation(subject, file, rows);
      await evaluation.run(isReplayed);
      for (const { known } of rows) await contexts.close(known, file);
      return evaluation.counts;
    },
  };
});
