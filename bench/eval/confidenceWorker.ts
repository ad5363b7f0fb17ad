import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";
import { endsOf } from "./confidence";
import type { LineToType } from "./lineToType";
import { withTypists, type SampledFile, type SampleOptions } from "./sample";
import { Contexts } from "./contexts";
import { serveTasks } from "./serveTasks";
import { openSubject, type Subject } from "./subject";
import type { TracedLine, TracedPlace } from "./thresholds";
import type { Typist } from "./typist";

/** Generates afresh at every place of lines of files: `confidenceWorker.ts OPTIONS`. */
serveTasks<SampledFile, TracedLine[]>(async ([json]) => {
  const options = JSON.parse(json!) as SampleOptions;
  const subject = await openSubject(options.packageFolder);
  const contexts = new Contexts(subject);
  return {
    greeting: subject.description,
    answer: async (task) => {
      const { isClosing } = options;
      const traced: TracedLine[] = [];
      await withTypists(
        subject,
        contexts,
        options,
        task,
        async (typist, lines, { file: { language } }) => {
          for (const line of lines) {
            const places = await trace(subject, typist, line);
            traced.push({ language, line, isClosing, places });
          }
        },
      );
      return traced;
    },
  };
});

async function trace(
  subject: Subject,
  typist: Typist,
  line: LineToType,
): Promise<TracedPlace[]> {
  const { questionAt } = await typist.open(line);
  const places: TracedPlace[] = [];
  let typed = 0;
  for (const character of line.text) {
    // By hand, so that it is shown however sure it is.
    const question = questionAt(typed, "invoked");
    // Another completer each time: nothing is typed through.
    const completer = new Completer(new Runner());
    const suggestion = await typist.ask(completer, question, subject);
    places.push({ typed, text: suggestion.text, ends: endsOf(suggestion) });
    typed += character.length;
  }
  return places;
}
