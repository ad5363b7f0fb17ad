import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/inFlight";
import { listened } from "./confidence";
import type { LineToType } from "./lineToType";
import { withTypists, type SampledFile, type SampleOptions } from "./sample";
import { serveTasks } from "./serveTasks";
import { openSubject, type Subject } from "./subject";
import type { TracedLine, TracedPlace } from "./thresholds";
import type { Typist } from "./typist";

/** Generates afresh at every place of lines of files: `confidenceWorker.ts OPTIONS`. */
serveTasks<SampledFile, TracedLine[]>(async ([json]) => {
  const options = JSON.parse(json!) as SampleOptions;
  const subject = await openSubject(options.packageFolder);
  return {
    greeting: subject.description,
    answer: async (task) => {
      const { isClosing } = options;
      const traced: TracedLine[] = [];
      await withTypists(
        subject,
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
  const questionAt = await typist.open(line);
  const places: TracedPlace[] = [];
  let typed = 0;
  for (const character of line.text) {
    const question = questionAt(typed);
    const { model, endsIn } = listened(subject, question);
    // Another completer each time: nothing is typed through.
    const completer = new Completer(new Runner());
    const outcome = await typist.ask(completer, question, model);
    const text = outcome.text.replaceAll("\r\n", "\n");
    places.push({ typed, text, ends: endsIn(text) });
    typed += character.length;
  }
  return places;
}
