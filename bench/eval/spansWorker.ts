import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";
import { confidenceOf } from "../../src/completion/suggestion";
import { Contexts } from "./contexts";
import type { SampledSpans, SpanOptions } from "./evaluateSpans";
import { serveTasks } from "./serveTasks";
import { readSourceFiles } from "./sourceFiles";
import { SpanCounts } from "./spanCounts";
import type { SpanKind } from "./spans";
import { openSubject } from "./subject";
import { breaksLine } from "./typedLine";
import { openBeside, Typist } from "./typist";
import { uriOf } from "./typing";

/** What one place brought. */
export interface SpanReply {
  readonly kind: SpanKind;
  readonly language: string;
  readonly counts: SpanCounts;
  /** How sure a text before other text of its line is; undefined where there is none. */
  readonly confidence: number | undefined;
}

/** Cuts spans out of files and asks for them: `spansWorker.ts OPTIONS`. */
serveTasks<SampledSpans, SpanReply[]>(async ([json]) => {
  const { packageFolder, trigger, context } = JSON.parse(json!) as SpanOptions;
  const subject = await openSubject(packageFolder);
  const contexts = new Contexts(subject);
  return {
    greeting: subject.description,
    answer: async ({ folder, path, spans }) => {
      const files = readSourceFiles(folder);
      const file = files.find((file) => file.path === path)!;
      const known = await contexts.open(context, folder, file, files);
      await openBeside(subject, known.open);
      const replies: SpanReply[] = [];
      for (const { kind, start, end, closers } of spans) {
        const text = file.text.slice(start, end);
        const closedFile = {
          ...file,
          text: withClosers(file.text, end, closers),
        };
        const typist = new Typist(subject, closedFile, known, {
          settings: {},
          isTimed: false,
          isClosing: false,
        });
        const line = { start, text, rest: "", suffixStart: end };
        const { questionAt } = await typist.open(line);
        const asked = questionAt(0, trigger);
        const completer = new Completer(new Runner());
        const outcome = await typist.ask(completer, asked, subject);
        const shown = outcome.text.replaceAll("\r\n", "\n");
        const { linePrefix, lineSuffix } = asked.context;
        const counts = new SpanCounts();
        counts.places = 1;
        counts.shown = Number(shown !== "");
        counts.exact = Number(shown === text);
        counts.broken = Number(breaksLine(linePrefix, shown, lineSuffix));
        const isMidLine = shown !== "" && lineSuffix.trim() !== "";
        const confidence = isMidLine ? confidenceOf(outcome) : undefined;
        replies.push({ kind, language: file.language, counts, confidence });
      }
      for (const other of [file, ...known.open])
        subject.runtime.forget(uriOf(other));
      await contexts.close(known, file);
      subject.network.forget();
      return replies;
    },
  };
});

/** The text with `closers` in place of what stands from `at` on in its line; undefined: unchanged. */
function withClosers(text: string, at: number, closers?: string): string {
  if (closers === undefined) return text;
  const lineEnd = text.indexOf("\n", at);
  const rest = lineEnd < 0 ? "" : text.slice(lineEnd);
  return text.slice(0, at) + closers + rest;
}
