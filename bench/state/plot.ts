import type { Latency } from "./report";
import { scenarios } from "./scenarios";

const width = 720;
const height = 420;
const left = 70;
const right = 190;
const top = 40;
const bottom = 50;

/** The p95 by lines, both axes logarithmic: ours in full lines, llama.cpp's dashed. */
export function plot(latency: readonly Latency[]): string {
  const lines = [...new Set(latency.map((entry) => entry.lines))];
  const times = latency.flatMap(({ p95Ms, nodeLlamaCpp }) =>
    nodeLlamaCpp ? [p95Ms, nodeLlamaCpp.p95Ms] : [p95Ms],
  );
  const decades = range(
    Math.floor(Math.log10(Math.min(...times))),
    Math.ceil(Math.log10(Math.max(...times))),
  );
  const x = scale(Math.min(...lines), Math.max(...lines), left, width - right);
  const y = scale(
    10 ** decades[0]!,
    10 ** decades.at(-1)!,
    height - bottom,
    top,
  );
  const grid = decades.map((decade) => {
    const at = y(10 ** decade);
    return (
      `<path class="grid" d="M${left} ${at}H${width - right}"/>` +
      `<text x="${left - 8}" y="${at + 4}" text-anchor="end">${10 ** decade}</text>`
    );
  });
  const ticks = lines.map(
    (count) =>
      `<text x="${x(count)}" y="${height - bottom + 20}" text-anchor="middle">${count.toLocaleString("en")}</text>`,
  );
  const curves = scenarios.flatMap((scenario, i) => {
    const own = latency.filter((entry) => entry.scenario === scenario);
    const other = own.filter(({ nodeLlamaCpp }) => nodeLlamaCpp);
    const line = (
      name: string,
      entries: readonly Latency[],
      ms: (entry: Latency) => number,
    ) => {
      const points = entries.map(
        (entry) => `${x(entry.lines)},${y(ms(entry))}`,
      );
      return `<polyline class="s${i} ${name}" points="${points.join(" ")}"/>`;
    };
    const at = top + 10 + 22 * i;
    return [
      line("ours", own, ({ p95Ms }) => p95Ms),
      line("other", other, ({ nodeLlamaCpp }) => nodeLlamaCpp!.p95Ms),
      `<path class="s${i}" d="M${width - right + 20} ${at}h24"/>`,
      `<text x="${width - right + 52}" y="${at + 4}">${scenario}</text>`,
    ];
  });
  const legend = top + 10 + 22 * scenarios.length + 12;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Milliseconds to the first token by lines of the file</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .grid { stroke: #8888; stroke-width: 0.5; }
  polyline, path { fill: none; stroke-width: 2; }
  .other, .dashed { stroke-dasharray: 5 4; }
  .key { stroke: #888; }
  .s0 { stroke: #1f77b4; } .s1 { stroke: #d95f02; } .s2 { stroke: #2a9d55; } .s3 { stroke: #a04ab8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #a8b0ba; }
    .s0 { stroke: #6cb6ff; } .s1 { stroke: #ff9e4a; } .s2 { stroke: #56d68a; } .s3 { stroke: #d79bf0; }
  }
</style>
<text x="${left}" y="20">ms to the first token (p95)</text>
<text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">lines of the file</text>
${[...grid, ...ticks, ...curves].join("\n")}
<path class="key" d="M${width - right + 20} ${legend}h24"/>
<text x="${width - right + 52}" y="${legend + 4}">this engine</text>
<path class="key dashed" d="M${width - right + 20} ${legend + 22}h24"/>
<text x="${width - right + 52}" y="${legend + 26}">node-llama-cpp</text>
</svg>
`;
}

/** Logarithmic. */
function scale(
  from: number,
  to: number,
  start: number,
  end: number,
): (value: number) => number {
  return (value) =>
    Math.round(
      start +
        ((end - start) * Math.log(value / from)) /
          Math.max(Math.log(to / from), 1e-9),
    );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
