import type { SampledFile, SampleOptions } from "./sample";
import { withTypists } from "./sample";
import { Contexts } from "./contexts";
import { serveTasks } from "./serveTasks";
import { countShown, type ShownCounts } from "./shownCounts";
import { openSubject } from "./subject";

/** What one line brought, for one context and one setting. */
export interface ShownReply {
  readonly context: string;
  readonly setting: string;
  readonly language: string;
  readonly counts: ShownCounts;
}

/** Types lines of files as the parent process asks for them: `shownWorker.ts OPTIONS`. */
serveTasks<SampledFile, ShownReply[]>(async ([json]) => {
  const options = JSON.parse(json!) as SampleOptions;
  const { packageFolder, isTimed } = options;
  const subject = await openSubject(packageFolder, { isSteady: !isTimed });
  const contexts = new Contexts(subject);
  return {
    greeting: subject.description,
    answer: async (task) => {
      const replies: ShownReply[] = [];
      await withTypists(
        subject,
        contexts,
        options,
        task,
        async (typist, lines, { context, setting, file: { language } }) => {
          for (const line of lines) {
            const counts = countShown(await typist.type(line));
            replies.push({ context, setting, language, counts });
          }
        },
      );
      return replies;
    },
  };
});
