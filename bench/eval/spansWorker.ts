import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";
import type { SampledSpans, SpanOptions } from "./evaluateSpans";
import { serveTasks } from "./serveTasks";
import { readSourceFiles } from "./sourceFiles";
import { SpanCounts } from "./spanCounts";
import type { SpanKind } from "./spans";
import { openSubject } from "./subject";
import { breaksLine } from "./typedLine";
import { Typist } from "./typist";
import { uriOf } from "./typing";

/** What one place brought. */
export interface SpanReply {
  readonly kind: SpanKind;
  readonly language: string;
  readonly counts: SpanCounts;
}

/** Cuts spans out of files and asks for them: `spansWorker.ts OPTIONS`. */
serveTasks<SampledSpans, SpanReply[]>(async ([json]) => {
  const { packageFolder } = JSON.parse(json!) as SpanOptions;
  const subject = await openSubject(packageFolder);
  return {
    greeting: subject.description,
    answer: async ({ folder, path, spans }) => {
      const file = readSourceFiles(folder).find((file) => file.path === path)!;
      const typist = new Typist(subject, file, [], {
        settings: {},
        isTimed: false,
        isClosing: false,
      });
      const replies: SpanReply[] = [];
      for (const { kind, start, end } of spans) {
        const text = file.text.slice(start, end);
        const line = { start, text, rest: "", behind: end };
        const question = (await typist.open(line))(0);
        const completer = new Completer(new Runner());
        const outcome = await typist.ask(completer, question, subject);
        const shown = outcome.text.replaceAll("\r\n", "\n");
        const { linePrefix, lineSuffix } = question.context;
        const counts = new SpanCounts();
        counts.places = 1;
        counts.shown = Number(shown !== "");
        counts.exact = Number(shown === text);
        counts.broken = Number(breaksLine(linePrefix, shown, lineSuffix));
        replies.push({ kind, language: file.language, counts });
      }
      subject.runtime.forget(uriOf(file));
      subject.network.forget();
      return replies;
    },
  };
});
