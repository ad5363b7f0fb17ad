import { markdownTable } from "../markdownTable";
import type { ServerRow } from "./evaluateServer";
import { percent } from "./shownTable";

/** The local model and a server side by side, in Markdown. */
export function serverTable(rows: readonly ServerRow[]): string {
  const ms = (value: number | null) =>
    value === null ? "–" : `${Math.round(value)} ms`;
  return markdownTable(
    [
      "",
      "time limit",
      "shown at",
      "first word right",
      "all right",
      "characters right",
      "keys saved",
      "answer, median",
      "95 %",
      "memory",
    ],
    rows.map(({ name, limitMs, figures, medianMs, p95Ms, memoryBytes }) => [
      name,
      limitMs === Infinity ? "none" : ms(limitMs),
      percent(figures.share),
      percent(figures.firstWordRight),
      percent(figures.wholeRight),
      percent(figures.charactersRight),
      percent(figures.keystrokesSaved),
      ms(medianMs),
      ms(p95Ms),
      memoryBytes === null ? "–" : `${Math.round(memoryBytes / 1e6)} MB`,
    ]),
  );
}
