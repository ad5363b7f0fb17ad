import type { TextSource } from "../../src/completion/textSource";
import { Contexts, type Context } from "./contexts";
import type { LineToType, Unwritten } from "./lineToType";
import { sampleLines } from "./project";
import { readSourceFiles, type SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";
import { leastOf } from "./suggestionSettings";
import { openBeside, Typist } from "./typist";
import { uriOf } from "./typing";

/** How a sample of lines is drawn and typed. */
export interface SampleOptions {
  readonly packageFolder: string;
  /** Lines of each project. */
  readonly lines: number;
  readonly unwritten: Unwritten;
  /** With the real time budget. */
  readonly isTimed: boolean;
  /** In an editor that closes brackets and quotes. */
  readonly isClosing: boolean;
  /** As the typist's. */
  readonly reaction?: number;
  readonly contexts: readonly Context[];
  /** Those that `leastOf` takes. */
  readonly settings: readonly string[];
  /** Milliseconds, in place of the default, where it is timed. */
  readonly timeBudget?: number;
  /** Generates in place of the model; absent: the model does. */
  readonly server?: TextSource;
}

/** One file of the sample of a project. */
export interface SampledFile {
  readonly folder: string;
  /** Number of the file in the sample. */
  readonly file: number;
}

/** The files of the samples of some projects. @throws Error if one has no lines to type */
export function sampledFiles(
  folders: readonly string[],
  { lines, unwritten }: SampleOptions,
): SampledFile[] {
  return folders.flatMap((folder) => {
    const sample = sampleLines(readSourceFiles(folder), lines, unwritten);
    if (sample.length === 0)
      throw new Error(`there are no lines to type in ${folder}`);
    return [...sample.keys()].map((file) => ({ folder, file }));
  });
}

/**
 * Opens a sampled file for each context and setting, with its other files, and closes it when `type`
 * has done.
 */
export async function withTypists(
  subject: Subject,
  contexts: Contexts,
  options: SampleOptions,
  { folder, file: number }: SampledFile,
  type: (
    typist: Typist,
    lines: readonly LineToType[],
    row: { context: string; setting: string; file: SourceFile },
  ) => Promise<void>,
): Promise<void> {
  const files = readSourceFiles(folder);
  const sample = sampleLines(files, options.lines, options.unwritten);
  const { file, lines } = sample[number]!;
  for (const context of options.contexts) {
    const known = await contexts.open(context, folder, file, files);
    await openBeside(subject, known.open);
    for (const setting of options.settings) {
      const { timeBudget } = options;
      const typist = new Typist(subject, file, known, {
        ...options,
        settings: timeBudget === undefined ? {} : { timeBudget },
        minConfidence: leastOf(setting),
      });
      await type(typist, lines, { context, setting, file });
    }
    for (const other of [file, ...known.open])
      subject.runtime.forget(uriOf(other));
    await contexts.close(known, file);
  }
  subject.network.forget();
}
