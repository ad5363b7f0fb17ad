import { unitPlot } from "../unitPlot";
import type { ReliabilityRow } from "./reliability";
import type { ShownFigures } from "./shownCounts";

const [blue, orange, grey] = ["#1f6fd0", "#c2571a", "#888"];

/** A reliability diagram: the share right against the mean confidence of each tenth. */
export function reliabilityPlot(rows: readonly ReliabilityRow[]): string {
  const points = rows.flatMap(({ meanConfidence, shareRight }) =>
    meanConfidence === null || shareRight === null
      ? []
      : [[meanConfidence, shareRight] as const],
  );
  const diagonal = [[0, 0] as const, [1, 1] as const];
  return unitPlot(
    "How sure, and how often right",
    { x: "confidence", y: "share right" },
    [
      { name: "ideal", points: diagonal, colour: grey, isDashed: true },
      { name: "suggestions", points, colour: blue },
    ],
  );
}

/** Share right against keystrokes saved, a point for each threshold. */
export function thresholdPlot(
  rows: readonly ({ threshold: number } & Pick<
    ShownFigures,
    "keystrokesSaved" | "wholeRight" | "firstWordRight"
  >)[],
): string {
  const against = (figure: "wholeRight" | "firstWordRight") =>
    rows.map((row) => [row.keystrokesSaved ?? 0, row[figure] ?? 0] as const);
  const labels = rows.map(({ threshold }) =>
    threshold === 0 ? "all" : `≥ ${threshold}`,
  );
  return unitPlot(
    "What is right of what is shown, and what it saves",
    { x: "keystrokes saved", y: "right" },
    [
      {
        name: "all of it",
        points: against("wholeRight"),
        colour: blue,
        labels,
      },
      { name: "first word", points: against("firstWordRight"), colour: orange },
    ],
  );
}
