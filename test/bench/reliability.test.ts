import assert from "node:assert/strict";
import { Reliability } from "../../bench/eval/reliability";

describe("reliability", () => {
  it("compares mean confidence and share right by tenths", () => {
    const reliability = new Reliability();
    reliability.add(0.25, true);
    reliability.add(0.2, false);
    reliability.add(1, true);
    reliability.add(0.9, false);
    const rows = reliability.rows.filter(({ count }) => count > 0);
    assert.deepEqual(rows, [
      {
        from: 0.2,
        to: 0.3,
        count: 2,
        meanConfidence: 0.225,
        shareRight: 0.5,
      },
      { from: 0.9, to: 1, count: 2, meanConfidence: 0.95, shareRight: 0.5 },
    ]);
    assert.equal(reliability.rows[0]!.shareRight, null);
  });

  it("counts each end of a text at each place of a line", () => {
    const reliability = new Reliability();
    reliability.addLine({
      language: "c",
      line: { text: "ab(c);", rest: "\n}" },
      isClosing: false,
      places: [
        {
          typed: 0,
          text: "ab(d",
          ends: [
            // A whole word; a bracket; a wrong word.
            { length: 2, confidence: 0.75 },
            { length: 3, confidence: 0.72 },
            { length: 4, confidence: 0.15 },
          ],
        },
        { typed: 4, text: ");\n}", ends: [{ length: 4, confidence: 0.15 }] },
        // Right as far as it goes, but "ab" goes on.
        { typed: 0, text: "a", ends: [{ length: 1, confidence: 0.72 }] },
      ],
    });
    const [tenth, seventies] = [1, 7].map((i) => reliability.rows[i]!);
    assert.deepEqual([tenth!.count, tenth!.shareRight], [2, 1 / 2]);
    assert.deepEqual([seventies!.count, seventies!.shareRight], [3, 2 / 3]);
  });
});
