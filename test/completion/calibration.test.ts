import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { endsOf, type End } from "../../bench/eval/confidence";
import { linesToType, type LineToType } from "../../bench/eval/lineToType";
import { choose, seedOf } from "../../bench/eval/places";
import { Reliability, type ReliabilityRow } from "../../bench/eval/reliability";
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
/** An editor that closes brackets puts text right of the cursor. */
const isClosing = true;

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

/** What is asked of the sample; as the product is, it has 0.16, 0.05 and 0.06. */
const mostOfTenth = 0.25;
const mostOnAverage = 0.08;
const mostOfNames = 0.13;
/** Tenths with fewer ends say nothing. */
const fewest = 30;

/**
 * How far confidence and the share right are from each other, on average over the ends of a
 * confidence of 0.2 and more: below that nothing is shown, and most ends are.
 */
function averageGap({ rows }: Reliability): number {
  const counted = rows.filter(({ from, count }) => from >= 0.2 && count > 0);
  const ends = counted.reduce((sum, { count }) => sum + count, 0);
  return counted.reduce((sum, row) => sum + gapOf(row) * row.count, 0) / ends;
}

const gapOf = ({ meanConfidence, shareRight }: ReliabilityRow) =>
  Math.abs(meanConfidence! - shareRight!);

describe("confidence", function () {
  // A quarter of a minute on an idle machine.
  this.timeout(300_000);
  const all = new Reliability();
  /** What ends a name that is typed in part. */
  const ofNames = new Reliability();
  /** What stands before other text. */
  const ofMiddles = new Reliability();

  before(async () => {
    const subject = await openSubject(join(root, "media/model"));
    for (const file of sample()) {
      const typist = new Typist(
        subject,
        file,
        { open: [] },
        { settings: { maxTokens: 8 }, isTimed: false, isClosing },
      );
      const { path, text } = file;
      for (const line of linesToType(text, linesPerFile, seedOf(path), "block"))
        await ask(subject, typist, line);
      subject.runtime.forget(uriOf(file));
    }
  });

  /** Counts what is suggested at some places of a line. */
  async function ask(
    subject: Subject,
    typist: Typist,
    line: LineToType,
  ): Promise<void> {
    const { questionAt } = await typist.open(line);
    const offsets = [...line.text].map((_, at) => at);
    for (const typed of choose(offsets, placesPerLine, seedOf(line.text))) {
      const { window, context } = questionAt(typed);
      const suggestion = await typist.ask(
        new Completer(new Runner()),
        // By hand, so that it is given however sure it is.
        { window, context: { ...context, trigger: "invoked" } },
        subject,
      );
      const { text } = suggestion;
      const ends = endsOf(suggestion);
      const add = (to: Reliability, some: End[]) =>
        to.addLine({
          language: "",
          line,
          isClosing,
          places: [{ typed, text, ends: some }],
        });
      if (context.lineSuffix === "") add(all, ends);
      // Only as a whole: its end is chosen by what stands behind it.
      else add(ofMiddles, ends.slice(-1));
      if (/[\w$]$/.test(line.text.slice(0, typed)))
        add(ofNames, ends.slice(0, 1));
    }
  }

  it("is the share that is right, in every tenth", () => {
    const rows = all.rows.filter(({ count }) => count >= fewest);
    assert.equal(rows.length, 10);
    for (const row of rows)
      assert.ok(gapOf(row) < mostOfTenth, JSON.stringify(row));
    const gap = averageGap(all);
    assert.ok(gap < mostOnAverage, `${gap} on average`);
  });

  it("is that of names that are typed in part", () => {
    const gap = averageGap(ofNames);
    assert.ok(gap < mostOfNames, `${gap} on average`);
  });
});
