import { contexts } from "./contexts";
import { sampleLines } from "./project";
import { countShown, type ShownCounts } from "./shownCounts";
import { readSourceFiles } from "./sourceFiles";
import { openSubject } from "./subject";
import { suggestionSettings } from "./suggestionSettings";
import type { Unwritten } from "./lineToType";
import { openBeside, Typist } from "./typist";
import { uriOf } from "./typing";

/** What is to be done with one file of a sample. */
export interface ShownTask {
  readonly folder: string;
  /** Number of the file in the sample. */
  readonly file: number;
}

/** How a sample is drawn and typed. */
export interface ShownOptions {
  readonly packageFolder: string;
  /** Lines of each project. */
  readonly lines: number;
  readonly unwritten: Unwritten;
  readonly isTimed: boolean;
  readonly isClosing: boolean;
  /** Names of `contexts` and `suggestionSettings`. */
  readonly contexts: readonly string[];
  readonly settings: readonly string[];
}

/** What one file brought, for one context and one setting. */
export interface ShownReply {
  readonly context: string;
  readonly setting: string;
  readonly language: string;
  readonly counts: ShownCounts;
}

/** Types lines of files as the parent process asks for them: `shownWorker.ts OPTIONS`. */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2]!) as ShownOptions;
  const subject = await openSubject(options.packageFolder, {
    isSteady: !options.isTimed,
  });
  const work = async ({ folder, file: number }: ShownTask) => {
    const files = readSourceFiles(folder);
    const sample = sampleLines(files, options.lines, options.unwritten);
    const { file, lines } = sample[number]!;
    const replies: ShownReply[] = [];
    for (const context of options.contexts) {
      const others = contexts[context]!(file, files);
      for (const other of others) openBeside(subject, other);
      for (const setting of options.settings) {
        const typist = new Typist(subject, file, others, {
          ...options,
          settings: suggestionSettings[setting]!,
        });
        for (const line of lines) {
          const counts = countShown(await typist.type(line));
          replies.push({ context, setting, language: file.language, counts });
        }
      }
      for (const other of [file, ...others]) subject.cache.forget(uriOf(other));
    }
    subject.network.forget();
    process.send!(replies);
  };
  process.on("message", (task: ShownTask) => {
    work(task).catch(fail);
  });
  process.send!(subject.description);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
