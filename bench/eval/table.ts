import { percent } from "./shownTable";
import type { Figures } from "./counts";

/** Figures by row, for people. */
export function table(rows: readonly (readonly [string, Figures])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const heads = [
    "bits/byte",
    "… of lines",
    "… unread",
    "next line",
    "identifier",
    "keys saved",
  ];
  const line = (name: string, cells: readonly string[]) =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(12)).join("");
  return [
    line("", heads),
    ...rows.map(([name, figures]) =>
      line(name, [
        ...[
          figures.bitsPerByte,
          figures.lineBitsPerByte,
          figures.lineBitsPerByteUnread,
        ].map((bits) => bits?.toFixed(3) ?? "–"),
        percent(figures.nextLineExactMatch),
        percent(figures.identifierAccuracy),
        percent(figures.keystrokesSaved),
      ]),
    ),
  ].join("\n");
}
