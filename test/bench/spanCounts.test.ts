import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleSpans } from "../../bench/eval/evaluateSpans";
import { SpanCounts } from "../../bench/eval/spanCounts";

describe("figures of spans", () => {
  it("are shares of the places, and of what is shown", () => {
    const counts = new SpanCounts();
    counts.add({ places: 1, shown: 1, exact: 1, broken: 0 });
    counts.add({ places: 1, shown: 1, exact: 0, broken: 1 });
    counts.add({ places: 2, shown: 0, exact: 0, broken: 0 });
    assert.deepEqual(counts.figures, {
      places: 4,
      share: 1 / 2,
      exact: 1 / 4,
      lineBroken: 1 / 2,
    });
    assert.equal(new SpanCounts().figures.exact, null);
  });
});

describe("sample of spans", () => {
  const folders = ["a", "b"].map((name) =>
    mkdtempSync(join(tmpdir(), `spans-${name}-`)),
  );
  for (const folder of folders)
    for (const name of ["one.js", "two.js", "three.js"])
      writeFileSync(join(folder, name), "call(first, second);\n".repeat(9));
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("has as many of each kind from each project, three in a file at most", () => {
    const sampled = sampleSpans(folders, 8);
    for (const folder of folders) {
      const files = sampled.filter((file) => file.folder === folder);
      const counts = files.map(
        ({ spans }) => spans.filter(({ kind }) => kind === "argument").length,
      );
      assert.deepEqual(counts, [3, 1]);
    }
    assert.deepEqual(sampled, sampleSpans(folders, 8));
  });
});
