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
      languageId: languages[extname(path)]!,
      language: languages[extname(path)]!,
    }));
}

/**
 * What is asked of the sample, and what it has in the product; where the part of names is left out,
 * or that of healing, or that of the text behind, one of these fails.
 */
const most = {
  /** In any tenth: 0.23, of 49 ends. */
  inTenth: 0.3,
  /** On average: 0.05. */
  onAverage: 0.1,
  /** Where one is as good as sure, the last tenth: 0.02. */
  whereSure: 0.07,
  /** Of names, on average: 0.05. */
  ofNames: 0.12,
  /** Of what stands before other text, on average: 0.16, of 72. */
  ofMiddles: 0.22,
};
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
  this.timeout(600_000);
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
      // By hand, so that it is given however sure it is.
      const question = questionAt(typed, "invoked");
      const suggestion = await typist.ask(
        new Completer(new Runner()),
        question,
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
      if (question.context.lineSuffix === "") add(all, ends);
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
      assert.ok(gapOf(row) < most.inTenth, JSON.stringify(row));
    const [last] = rows.slice(-1);
    assert.ok(gapOf(last!) < most.whereSure, JSON.stringify(last));
  });

  for (const [what, reliability, limit] of [
    ["is so on average", all, most.onAverage],
    ["is that of names that are typed in part", ofNames, most.ofNames],
    ["is that of what stands before other text", ofMiddles, most.ofMiddles],
  ] as const)
    it(what, () => {
      const gap = averageGap(reliability);
      assert.ok(gap < limit, `${gap} on average`);
    });
});
