import type { Scenario } from "./scenarios";

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
  const table = [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
  return (
    `${table}\n\nflatness ${flatness.toFixed(2)}; ` +
    `${rssMb} MB of memory at most, budget of the states ${budgetMb} MB`
  );
}

function cells({ p50Ms, p95Ms, tokensRun }: Figures): string[] {
  return [p50Ms, p95Ms, tokensRun].map(String);
}
