/** A line of a plot; both coordinates are above zero. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which of the four colours, 0 … 3. */
  readonly colour: number;
  readonly dashed: boolean;
}

const size = { width: 740, height: 400 };
const margin = { left: 70, right: 215, top: 44, bottom: 48 };

/** Readable on light and on dark pages: no background, colours that follow the reader's scheme. */
const style = `
text { font: 13px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600; font-size: 15px }
.grid { stroke: #888; stroke-opacity: 0.25 }
${colours(["#1f6fd0", "#c2571a", "#2a8a50", "#9440ac"])}
polyline { fill: none !important; stroke-width: 2.5 } text[class^="s"] { stroke: none }
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
${colours(["#6cb0ff", "#ff9f5f", "#56d68a", "#d79bf0"])}
}`;

function colours(values: readonly string[]): string {
  return values
    .map((value, i) => `.s${i} { stroke: ${value}; fill: ${value} }`)
    .join(" ");
}

/** An SVG of lines over logarithmic axes, each named at its end. */
export function linePlot(
  title: string,
  axes: { x: string; y: string; format: (y: number) => string },
  series: readonly Series[],
): string {
  const points = series.flatMap((line) => line.points);
  const x = axis(
    points.map(([x]) => x),
    [margin.left, size.width - margin.right],
  );
  const y = axis(
    points.map(([, y]) => y),
    [size.height - margin.bottom, margin.top],
  );
  const [left, right] = [margin.left, size.width - margin.right];
  const bottom = size.height - margin.bottom;
  const parts = [
    `<text class="title" x="${left}" y="22">${title}</text>`,
    ...powers(y.low, y.high, 10).flatMap((value) => [
      `<line class="grid" x1="${left}" x2="${right}" y1="${y.at(value)}" y2="${y.at(value)}"/>`,
      `<text x="${left - 8}" y="${y.at(value) + 4}" text-anchor="end">${axes.format(value)}</text>`,
    ]),
    ...series[0]!.points.flatMap(([value]) => [
      `<line class="grid" x1="${x.at(value)}" x2="${x.at(value)}" y1="${margin.top}" y2="${bottom}"/>`,
      `<text x="${x.at(value)}" y="${bottom + 18}" text-anchor="middle">${value < 1000 ? value : `${value / 1000}k`}</text>`,
    ]),
    `<text x="${(left + right) / 2}" y="${size.height - 10}" text-anchor="middle">${axes.x}</text>`,
    `<text transform="translate(16 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${axes.y}</text>`,
  ];
  const ends = spread(series.map((line) => y.at(line.points.at(-1)![1])));
  series.forEach((line, i) => {
    const path = line.points.map(([px, py]) => `${x.at(px)},${y.at(py)}`);
    const dashes = line.dashed ? ' stroke-dasharray="6 5"' : "";
    parts.push(
      `<polyline class="s${line.colour}"${dashes} points="${path.join(" ")}"/>`,
      `<text class="s${line.colour}" x="${right + 8}" y="${ends[i]! + 4}">${line.name}</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img">
<title>${title}</title>
<style>${style}
</style>
${parts.join("\n")}
</svg>
`;
}

/** A logarithmic axis from the least to the greatest value, as pixels with one decimal. */
function axis(
  values: readonly number[],
  [from, to]: readonly [number, number],
) {
  const low = Math.min(...values) / 1.15;
  const high = Math.max(...values) * 1.15;
  const at = (value: number) => {
    const share = Math.log(value / low) / Math.log(high / low);
    return Math.round(10 * (from + share * (to - from))) / 10;
  };
  return { low, high, at };
}

function powers(low: number, high: number, base: number): number[] {
  const found: number[] = [];
  const first = Math.ceil(Math.log(low) / Math.log(base));
  for (let power = first; base ** power <= high; power++)
    found.push(base ** power);
  return found;
}

/** Heights of labels, moved apart where they would lie on each other. */
function spread(heights: readonly number[]): number[] {
  const apart = 16;
  const order = heights
    .map((_, i) => i)
    .sort((a, b) => heights[a]! - heights[b]!);
  const placed = [...heights];
  for (let k = 1; k < order.length; k++) {
    const above = placed[order[k - 1]!]!;
    placed[order[k]!] = Math.max(placed[order[k]!]!, above + apart);
  }
  return placed;
}
