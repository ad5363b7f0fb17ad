import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { markdownTable } from "../markdownTable";
import type { Result, Tried } from "./contest";
import type { BenchModel, ShapeName } from "./models";

/** The limits of the machine, and the least time of a token by them. */
export interface Limit {
  readonly readGbPerSecond: number;
  readonly multiplyAddsPerSecond: number;
  /** Bytes of weights that a decode step reads. */
  readonly bytesPerToken: number;
  /** Those bytes over that bandwidth. */
  readonly decodeMs: number;
  /** That rate over the multiply-adds of a token's matrices. */
  readonly prefillTokensPerSecond: number;
}

/** An engine at a shape and a number of threads, as it is reported. */
export interface Entry extends Omit<Result, "contestant" | "settings"> {
  readonly engine: string;
  readonly weights: string;
  readonly copying: boolean;
  readonly shape: ShapeName;
  readonly threads: number;
  readonly settings: object;
  readonly tried: readonly Tried[];
  readonly limit?: Limit;
}

export function entryOf(
  { shape }: BenchModel,
  { contestant, settings, ...measured }: Result,
  tried: readonly Tried[],
  limit: Limit | undefined,
): Entry {
  const { engine, weights, copying } = contestant;
  const { threads, ...tuning } = settings;
  return {
    ...{ engine, weights, copying, shape, threads },
    settings: tuning,
    tried,
    ...measured,
    ...(limit && { limit }),
  };
}

/**
 * How many times as long node-llama-cpp takes as we do: two threads, 8 bits, the network alone. Null
 * where one of the two was not measured.
 */
export function ratiosOf(
  entries: readonly Entry[],
): Record<string, number | null> {
  const ratios: Record<string, number | null> = {};
  for (const shape of ["bundled", "0.1B"] as const) {
    const find = (engine: string, weights: string) =>
      entries.find(
        (entry) =>
          entry.engine === engine &&
          entry.weights === weights &&
          entry.shape === shape &&
          entry.threads === 2 &&
          !entry.copying,
      );
    const ours = find("ours", "8-bit");
    const theirs = find("node-llama-cpp", "Q8_0");
    const ratio = (of: (ours: Entry, theirs: Entry) => number) =>
      ours && theirs ? of(ours, theirs) : null;
    ratios[`${shape}.decode`] = ratio((a, b) => b.decodeMs / a.decodeMs);
    for (const tokens of [64, 256]) {
      ratios[`${shape}.prefill${tokens}`] = ratio(
        (a, b) =>
          a.prefillTokensPerSecond[tokens]! / b.prefillTokensPerSecond[tokens]!,
      );
    }
  }
  return ratios;
}

/** A number with three significant digits. */
function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The same in Markdown, for people. */
export function tables(entries: readonly Entry[]): string {
  const titles = entries.map(titleOf);
  return [...new Set(titles)]
    .map((title) => {
      const group = entries.filter((_, i) => titles[i] === title);
      return `### ${title}\n\n${table(group)}`;
    })
    .join("\n\n");
}

function titleOf({ shape, threads }: Entry): string {
  return `${shape}, ${threads} thread${threads > 1 ? "s" : ""}`;
}

function table(entries: readonly Entry[]): string {
  const lengths = Object.keys(entries[0]!.prefillTokensPerSecond);
  const head = [
    ...["engine", "decode ms/token"],
    ...lengths.map((tokens) => `prefill ${tokens}, tokens/s`),
    ...[
      "first token ms",
      "load ms",
      "memory MB",
      "CPU ms/token",
      "waited %",
      "settings",
    ],
  ];
  const rows = entries.map((entry) => [
    `${entry.engine} ${entry.weights}${entry.copying ? " + copying" : ""}`,
    short(entry.decodeMs),
    ...lengths.map((tokens) => short(entry.prefillTokensPerSecond[tokens])),
    short(entry.firstTokenMs),
    short(entry.loadMs),
    short(entry.residentMb),
    short(entry.cpuSecondsPerToken && entry.cpuSecondsPerToken * 1000),
    entry.waitedShare === null ? "–" : (100 * entry.waitedShare).toFixed(0),
    Object.entries(entry.settings)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", "),
  ]);
  const limits = entries
    .filter(({ limit }) => limit !== undefined)
    .map(({ engine, weights, limit }) => [
      `limit of ${engine} ${weights}`,
      short(limit!.decodeMs),
      ...lengths.map(() => short(limit!.prefillTokensPerSecond)),
      ...["", "", "", "", ""],
      `${short(limit!.readGbPerSecond)} GB/s, ${short(limit!.multiplyAddsPerSecond / 1e9)} G multiply-adds/s`,
    ]);
  return markdownTable(head, [...rows, ...limits]);
}

/** The processor, and those of its instruction sets that matter here. */
export function machine(): string {
  const [cpu] = cpus();
  let flags = "";
  try {
    flags = readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    // Elsewhere than on Linux there is no such file.
  }
  const known = [
    "avx2",
    "fma",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "amx_int8",
  ];
  const sets = known.filter((set) => new RegExp(`\\b${set}\\b`).test(flags));
  return `${cpu?.model ?? "unknown processor"}, ${cpus().length} cores, ${process.arch} ${sets.join(" ")}`;
}
