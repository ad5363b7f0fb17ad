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
/** For the labels below the bars. */
const labelHeight = 20;
/** UTF-16 units of a label that have room below a bar. */
const longestLabel = 15;
/** A chart has room for at least this many bars, so that a single bar does not fill it. */
const fewest = 9;

/**
 * An image of vertical bars. Users who cannot see it need the same numbers in a table, which is not part
 * of it. The page's style sheet sets the colours.
 *
 * @param whole the value of a bar of full height; default: the highest value
 */
export function barChart(
  title: string,
  bars: readonly Bar[],
  whole?: number,
): string {
  const highest = whole ?? Math.max(1, ...bars.map(({ value }) => value));
  const width = 100 / Math.max(fewest, bars.length);
  const shapes = bars.map(({ label, value, text }, i) => {
    const height = (value / highest) * barHeight;
    const x = i * width + width * 0.1;
    return (
      `<rect x="${x.toFixed(2)}%" y="${(barHeight - height).toFixed(1)}" width="${(width * 0.8).toFixed(2)}%" height="${height.toFixed(1)}">` +
      `<title>${escapeHtml(`${label}: ${text}`)}</title></rect>`
    );
  });
  const labels = bars.map(({ label }, i) => {
    const isLast = i === bars.length - 1;
    // Of many bars only the first and the last have room for theirs.
    if (bars.length > fewest && i > 0 && !isLast) return "";
    const at = bars.length <= fewest ? 0.5 : isLast ? 1 : 0;
    const anchor = { 0: "start", 0.5: "middle", 1: "end" }[at];
    const x = ((i + at) * width).toFixed(2);
    return `<text x="${x}%" y="${barHeight + 15}" text-anchor="${anchor}">${escapeHtml(shortened(label))}</text>`;
  });
  return (
    `<svg role="img" aria-label="${escapeHtml(title)}" height="${barHeight + labelHeight}" width="100%">${shapes.join("")}` +
    `<line x1="0" x2="100%" y1="${barHeight - 0.5}" y2="${barHeight - 0.5}"/>${labels.join("")}</svg>`
  );
}

function shortened(label: string): string {
  return label.length > longestLabel
    ? `${label.slice(0, longestLabel - 1)}…`
    : label;
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

/** A table that may be wider than the page: it is scrolled by itself, by keyboard, too. */
export function wideTable(...given: Parameters<typeof table>): string {
  return `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(given[0])}">${table(...given)}</div>`;
}
