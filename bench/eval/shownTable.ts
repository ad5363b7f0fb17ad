import { markdownTable } from "../markdownTable";
import type { ShownFigures } from "./shownCounts";

const columns: readonly [keyof ShownFigures, string][] = [
  ["keys", "keys"],
  ["share", "shown at"],
  ["firstWordRight", "first word right"],
  ["wholeRight", "all right"],
  ["charactersRight", "characters right"],
  ["insideNameRight", "inside a name"],
  ["multiLineShare", "multi-line"],
  ["multiLineRight", "multi-line right"],
  ["keystrokesSaved", "keys saved"],
  ["lineBroken", "line broken"],
  ["syntaxErrorsAdded", "errors added"],
  ["changes", "changes"],
  ["changesTypedAlong", "changes typed along"],
];

/** Figures of what is shown, by row, in Markdown. */
export function shownTable(
  rows: readonly (readonly [string, ShownFigures])[],
): string {
  return markdownTable(
    ["", ...columns.map(([, head]) => head)],
    rows.map(([name, figures]) => [
      name,
      ...columns.map(([column]) =>
        column === "keys" ? String(figures.keys) : percent(figures[column]),
      ),
    ]),
  );
}

/** A share in per cent with one decimal; a dash for none. */
export function percent(share: number | null): string {
  return share === null ? "–" : `${(100 * share).toFixed(1)} %`;
}
