import { FileEvaluation } from "./fileEvaluation";
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

/** Evaluates files one by one as the parent process asks for them: `worker.ts PACKAGE FOLDER COPIES`. */
async function main(): Promise<void> {
  const [packageFolder, folder, copies] = process.argv.slice(2) as [
    string,
    string,
    string,
  ];
  const files = readSourceFiles(folder);
  const subject = await openSubject(packageFolder, {
    copies: copies === "true",
  });
  const work = async ({ file: number, isReplayed, crossFile }: Task) => {
    const file = files[number]!;
    const others = crossFile ? neighbours(file, files, openFiles) : undefined;
    const evaluation = new FileEvaluation(subject, file, others);
    await evaluation.run(isReplayed);
    const { alone, across } = evaluation;
    process.send!({ alone, across });
  };
  process.on("message", (task: Task) => {
    work(task).catch(fail);
  });
  process.send!(subject.description);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
