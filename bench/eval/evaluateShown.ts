import { availableParallelism } from "node:os";
import { inWorkers } from "./inWorkers";
import { sampledFiles, type SampledFile, type SampleOptions } from "./sample";
import { ShownCounts } from "./shownCounts";
import type { ShownReply } from "./shownWorker";

/** What was shown under one setting, with one context known. */
export interface ShownRow {
  readonly context: string;
  readonly setting: string;
  readonly overall: ShownCounts;
  readonly languages: ReadonlyMap<string, ShownCounts>;
}

/**
 * Types a sample of lines in each of some projects and counts what is on the screen. It uses a process
 * for each processor, but a single one with a time budget, so that processes do not slow each other.
 *
 * @throws Error if a project has no lines to type or a process fails, which tells why on stderr
 */
export async function evaluateShown(
  folders: readonly string[],
  options: SampleOptions,
): Promise<ShownRow[]> {
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
  await inWorkers<SampledFile, ShownReply[]>(
    "shownWorker.ts",
    options,
    sampledFiles(folders, options),
    options.isTimed ? 1 : availableParallelism(),
    (replies) => replies.forEach(add),
  );
  return rows;
}
