import { markdownTable } from "../markdownTable";
import type { Series } from "../linePlot";
import { scenarios, type Scenario } from "./scenarios";

/** Milliseconds to the first token. */
export interface Figures {
  samples: number;
  p50Ms: number;
  p95Ms: number;
  /** The median. */
  tokensRun: number;
}

export interface Latency extends Figures {
  scenario: Scenario;
  lines: number;
  /** Share of the samples whose state was that of all tokens before the place, 0 … 1. */
  exact: number;
  /** The same with node-llama-cpp, where it is installed. */
  nodeLlamaCpp: Figures | null;
}

export interface Report {
  latency: Latency[];
  /** The p95 of typing in the longest file over that in the shortest. */
  flatness: number;
  /** The most that the process had. */
  rssMb: number;
  budgetMb: number;
}

/** The report as a table in Markdown. */
export function summary({
  latency,
  flatness,
  rssMb,
  budgetMb,
}: Report): string {
  const rows = latency.map((entry) => [
    entry.scenario,
    entry.lines.toLocaleString("en"),
    ...cells(entry),
    `${Math.round(100 * entry.exact)} %`,
    ...(entry.nodeLlamaCpp ? cells(entry.nodeLlamaCpp) : ["–", "–", "–"]),
  ]);
  const head = [
    "scenario",
    "lines",
    "p50 ms",
    "p95 ms",
    "tokens run",
    "exact",
    "llama.cpp p50 ms",
    "p95 ms",
    "tokens run",
  ];
  return (
    `${markdownTable(head, rows)}\n\nflatness ${flatness.toFixed(2)}; ` +
    `${rssMb} MB of memory at most, budget of the states ${budgetMb} MB`
  );
}

function cells({ p50Ms, p95Ms, tokensRun }: Figures): string[] {
  return [p50Ms, p95Ms, tokensRun].map(String);
}

/** Lines for a plot of the p95: a colour for each scenario, dashes for the other engine. */
export function seriesOf(latency: readonly Latency[]): Series[] {
  return scenarios.flatMap((scenario, i) => {
    const own = latency.filter((entry) => entry.scenario === scenario);
    const line = (
      name: string,
      dashed: boolean,
      of: (entry: Latency) => Figures | null,
    ) => ({
      name,
      points: own.flatMap((entry) => {
        const figures = of(entry);
        return figures ? [[entry.lines, figures.p95Ms] as const] : [];
      }),
      colour: i,
      dashed,
    });
    return [
      line(scenario, false, (entry) => entry),
      line(`${scenario}, llama.cpp`, true, (entry) => entry.nodeLlamaCpp),
    ].filter(({ points }) => points.length > 0);
  });
}
