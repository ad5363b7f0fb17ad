import assert from "node:assert/strict";
import { typedAbove, type TracedLine } from "../../bench/eval/thresholds";

describe("suggestions above a threshold", () => {
  const line = { text: "let x = 1;", rest: "" };
  /** At the start "let y" is generated, behind "let " it is "x = 2;". */
  const traced: TracedLine = {
    language: "javascript",
    line,
    isClosing: false,
    places: [...line.text].map((_, typed) => ({
      typed,
      text: { 0: "let y", 4: "x = 2;" }[typed] ?? "",
      ends:
        {
          0: [
            { length: 3, confidence: 0.9 },
            { length: 5, confidence: 0.5 },
          ],
          4: [
            { length: 1, confidence: 0.6 },
            { length: 3, confidence: 0.4 },
            { length: 6, confidence: 0.1 },
          ],
        }[typed] ?? [],
    })),
  };
  const screens = (threshold: number) =>
    typedAbove(threshold, traced).screens.map(
      ({ typed, shown }) => [typed, shown] as const,
    );

  it("are shown whole at 0, and the right part is taken", () => {
    assert.deepEqual(screens(0), [
      [0, "let y"],
      // What is left of the text on the screen stays, right or not.
      [4, "y"],
      [5, ""],
      [6, ""],
      [7, ""],
      [8, ""],
      [9, ""],
    ]);
  });

  it("end at the last end that is sure enough", () => {
    assert.deepEqual(screens(0.6).slice(0, 3), [
      [0, "let"],
      [3, ""],
      [4, "x"],
    ]);
    assert.deepEqual(screens(0.4).slice(0, 2), [
      [0, "let y"],
      [4, "y"],
    ]);
  });

  it("are not there where no end is sure enough", () => {
    assert.ok(screens(0.95).every(([, shown]) => shown === ""));
    assert.equal(screens(0.95).length, line.text.length);
  });
});
