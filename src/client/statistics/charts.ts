import { escapeHtml } from "../webPage";

/** One bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as text. */
  readonly text: string;
}

/** Height of the highest bar, in CSS pixels. */
const barHeight = 120;
/** A chart has room for at least this many bars, so that a single bar does not fill it. */
const fewest = 9;

/**
 * An HTML figure: a chart of vertical bars, and the same numbers as a table for users who cannot see
 * the chart. The page's style sheet sets the colours.
 *
 * @param columns the headings of the table: of the labels, and of the values
 */
export function barChart(
  title: string,
  bars: readonly Bar[],
  columns: readonly [string, string],
): string {
  const highest = Math.max(1, ...bars.map(({ value }) => value));
  const width = 100 / Math.max(fewest, bars.length);
  const shapes = bars.map(({ label, value, text }, i) => {
    const height = (value / highest) * barHeight;
    const x = i * width + width * 0.1;
    return (
      `<rect x="${x.toFixed(2)}%" y="${(barHeight - height).toFixed(1)}" width="${(width * 0.8).toFixed(2)}%" height="${height.toFixed(1)}">` +
      `<title>${escapeHtml(`${label}: ${text}`)}</title></rect>`
    );
  });
  return (
    `<figure><figcaption>${escapeHtml(title)}</figcaption>` +
    `<svg role="img" aria-label="${escapeHtml(title)}" height="${barHeight}" width="100%">${shapes.join("")}` +
    `<line x1="0" x2="100%" y1="${barHeight - 0.5}" y2="${barHeight - 0.5}"/></svg>` +
    `${table(
      title,
      columns,
      bars.map(({ label, text }) => [label, text]),
    )}</figure>`
  );
}

/** An HTML table. The first cell of each row is its heading. @param label the name for screen readers */
export function table(
  label: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = columns
    .map((column) => `<th scope="col">${escapeHtml(column)}</th>`)
    .join("");
  const body = rows.map(([name = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${rest}</tr>`;
  });
  return `<table aria-label="${escapeHtml(label)}"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}
