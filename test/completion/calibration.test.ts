import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { endsOf } from "../../bench/eval/confidence";
import { linesToType, type LineToType } from "../../bench/eval/lineToType";
import { choose, seedOf } from "../../bench/eval/places";
import { Reliability } from "../../bench/eval/reliability";
import { openSubject, type Subject } from "../../bench/eval/subject";
import { Typist } from "../../bench/eval/typist";
import { uriOf } from "../../bench/eval/typing";
import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";

/*
 * Confidence against what is right, in this project's own source: neither network nor table, gate or
 * weights were fitted on it. It is short, so it shows no more than that nothing of the confidence is
 * lost; docs/evaluation.md has it with 50,000 ends.
 */
const root = join(__dirname, "../..");
const folders = ["src/completion", "src/server", "src/state", "training"];
const languages: Readonly<Record<string, string>> = {
  ".ts": "typescript",
  ".py": "python",
};
const mostBytes = 4000;
const files = 24;
const linesPerFile = 6;
const placesPerLine = 3;

/** Files of the project, short enough to be read in a moment. */
function sample() {
  const all = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => extname(name) in languages)
      .map((name) => `${folder}/${name}`),
  );
  return all
    .map((path) => ({ path, bytes: readFileSync(join(root, path)) }))
    .filter(({ bytes }) => bytes.length > 1000 && bytes.length < mostBytes)
    .toSorted((a, b) => seedOf(a.path) - seedOf(b.path))
    .slice(0, files)
    .map(({ path, bytes }) => ({
      path,
      bytes,
      text: bytes.toString(),
      language: languages[extname(path)]!,
    }));
}

describe("confidence", function () {
  this.timeout(300_000);
  const settings = { maxTokens: 8 };

  /** Adds what is suggested at some places of a line. */
  async function ask(
    subject: Subject,
    typist: Typist,
    line: LineToType,
    isClosing: boolean,
    reliability: Reliability,
  ): Promise<void> {
    const { questionAt } = await typist.open(line);
    const all = [...line.text].map((_, at) => at);
    const places = [];
    for (const typed of choose(all, placesPerLine, seedOf(line.text))) {
      const question = questionAt(typed);
      const context = { ...question.context, trigger: "invoked" as const };
      const suggestion = await typist.ask(
        new Completer(new Runner()),
        { ...question, context },
        subject,
      );
      places.push({ typed, text: suggestion.text, ends: endsOf(suggestion) });
    }
    reliability.addLine({ language: "", line, isClosing, places });
  }

  it("is the share that is right", async () => {
    const subject = await openSubject(join(root, "media/model"));
    const reliability = new Reliability();
    for (const [i, file] of sample().entries()) {
      // An editor that closes brackets puts text right of the cursor.
      const isClosing = i % 2 === 1;
      const options = { settings, isTimed: false, isClosing };
      const typist = new Typist(subject, file, { open: [] }, options);
      const { path, text } = file;
      for (const line of linesToType(text, linesPerFile, seedOf(path), "block"))
        await ask(subject, typist, line, isClosing, reliability);
      subject.runtime.forget(uriOf(file));
    }
    for (const row of reliability.rows) console.log(row);
    assert.ok(true);
  });
});
