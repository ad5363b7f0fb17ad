/** A line of a plot or, without a line, its points. */
export interface UnitSeries {
  readonly name: string;
  /** Both in 0 … 1. */
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly colour: string;
  readonly isDashed?: boolean;
  /** Named beside each point. */
  readonly labels?: readonly string[];
}

const size = 420;
const margin = { left: 62, right: 150, top: 40, bottom: 50 };

/** An SVG of shares against shares, both axes linear from 0 to 100 %. Readable on light and dark pages. */
export function unitPlot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  series: readonly UnitSeries[],
): string {
  const x = (share: number) => round(margin.left + share * size);
  const y = (share: number) => round(margin.top + (1 - share) * size);
  const width = margin.left + size + margin.right;
  const height = margin.top + size + margin.bottom;
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const parts = [
    `<text class="title" x="${margin.left}" y="22">${title}</text>`,
    ...ticks.flatMap((tick) => [
      `<path class="grid" d="M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}"/>`,
      `<text x="${x(tick)}" y="${y(0) + 18}" text-anchor="middle">${Math.round(100 * tick)} %</text>`,
      `<text x="${x(0) - 8}" y="${y(tick) + 4}" text-anchor="end">${Math.round(100 * tick)} %</text>`,
    ]),
    `<text x="${x(0.5)}" y="${height - 10}" text-anchor="middle">${axes.x}</text>`,
    `<text transform="translate(16 ${y(0.5)}) rotate(-90)" text-anchor="middle">${axes.y}</text>`,
    ...series.flatMap(({ name, points, colour, isDashed, labels }, i) => [
      `<polyline style="stroke:${colour}"${isDashed ? ' stroke-dasharray="6 5"' : ""} points="${points.map(([px, py]) => `${x(px)},${y(py)}`).join(" ")}"/>`,
      ...(isDashed
        ? []
        : points.map(
            ([px, py]) =>
              `<circle style="fill:${colour}" cx="${x(px)}" cy="${y(py)}" r="3.5"/>`,
          )),
      ...(labels ?? []).map(
        (label, at) =>
          `<text class="small" x="${x(points[at]![0]) - 8}" y="${y(points[at]![1]) + 4}" text-anchor="end">${label}</text>`,
      ),
      `<text style="fill:${colour}" x="${x(1) + 10}" y="${margin.top + 14 + 20 * i}">${name}</text>`,
    ]),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${title}</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600; font-size: 15px } .small { font-size: 11px }
.grid { stroke: #888; stroke-opacity: 0.25 }
polyline { fill: none; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>
${parts.join("\n")}
</svg>
`;
}

function round(pixels: number): number {
  return Math.round(10 * pixels) / 10;
}
