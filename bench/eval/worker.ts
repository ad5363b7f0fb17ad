import type { Counts } from "./counts";
import { FileEvaluation } from "./fileEvaluation";
import { serveTasks } from "./serveTasks";
import { neighbours, readSourceFiles } from "./sourceFiles";
import { openSubject } from "./subject";

const openFiles = 8;

/** What a worker is asked for. */
export interface Task {
  /** Number of the file in the folder. */
  readonly file: number;
  readonly isReplayed: boolean;
  /** Whether to do all a second time with other files open. */
  readonly crossFile: boolean;
}

/** What it has counted. */
export interface Reply {
  readonly alone: Counts;
  readonly across: Counts;
}

/** Evaluates files one by one as the parent process asks for them: `worker.ts PACKAGE FOLDER COPIES`. */
serveTasks<Task, Reply>(async (args) => {
  const [packageFolder, folder, copies] = args as [string, string, string];
  const files = readSourceFiles(folder);
  const subject = await openSubject(packageFolder, {
    copies: copies === "true",
  });
  return {
    greeting: subject.description,
    answer: async ({ file: number, isReplayed, crossFile }) => {
      const file = files[number]!;
      const others = crossFile ? neighbours(file, files, openFiles) : undefined;
      const evaluation = new FileEvaluation(subject, file, others);
      await evaluation.run(isReplayed);
      const { alone, across } = evaluation;
      return { alone, across };
    },
  };
});
