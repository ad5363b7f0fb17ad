import type { Series } from "../linePlot";
import { markdownTable } from "../markdownTable";
import { chunk, type AttentionPoint, type RwkvPoint } from "./worker";

/** RWKV and attention of one shape at the same lengths. */
export interface Comparison {
  readonly shape: string;
  readonly rwkv: readonly RwkvPoint[];
  readonly attention: readonly (AttentionPoint & { prefillMs: number })[];
}

/**
 * The time to read each context from its start, from the time that its last chunk takes: the cost of
 * a chunk grows in a straight line between two lengths, so their mean counts for all in between.
 *
 * @param firstChunkMs the time of a chunk with nothing before it
 */
export function withPrefill(
  points: readonly AttentionPoint[],
  firstChunkMs: number,
): Comparison["attention"] {
  let prefillMs = 0;
  let [from, chunkMs] = [0, firstChunkMs];
  return points.map((point) => {
    const chunks = (point.context - from) / chunk;
    prefillMs += (chunks * (chunkMs + point.chunkMs)) / 2;
    [from, chunkMs] = [point.context, point.chunkMs];
    return { ...point, prefillMs };
  });
}

/** What there is to say of how far other programs have disturbed the measurement, in words. */
export function disturbance(comparisons: readonly Comparison[]): string {
  const shares = comparisons
    .flatMap(({ rwkv, attention }) => [...rwkv, ...attention])
    .map(({ waitedShare }) => waitedShare);
  const percent = 100 * Math.max(...shares);
  if (Number.isNaN(percent)) return "";
  return percent < 5
    ? "Nothing else was running to speak of."
    : `Other programs were running: threads waited for a processor for up to ${percent.toFixed(0)} % of the time, so the times are those of a busy machine.`;
}

/** Where the second curve begins to lie above the first for good, between the lengths measured. */
function crossing(
  contexts: readonly number[],
  first: readonly number[],
  second: readonly number[],
): number | "always" | "never" {
  let last = contexts.length - 1;
  if (second[last]! <= first[last]!) return "never";
  while (last > 0 && second[last - 1]! > first[last - 1]!) last--;
  if (last === 0) return "always";
  const before = second[last - 1]! - first[last - 1]!;
  const after = second[last]! - first[last]!;
  const share = before / (before - after);
  return contexts[last - 1]! + share * (contexts[last]! - contexts[last - 1]!);
}

export function markdown(comparisons: readonly Comparison[]): string {
  return comparisons
    .flatMap((comparison) => [
      `### ${comparison.shape}`,
      table(comparison),
      words(comparison),
    ])
    .join("\n\n");
}

function table({ rwkv, attention }: Comparison): string {
  const rows = rwkv.map((point, i) => {
    const other = attention[i]!;
    return [
      point.context.toLocaleString("en"),
      ...[point.decodeMs, other.decodeMs].map((ms) => ms.toFixed(1)),
      ...[point.prefillMs, other.prefillMs].map((ms) => (ms / 1e3).toFixed(1)),
      ...[point.contextBytes, other.contextBytes].map((b) => megabytes(b, 1)),
      ...[point.residentBytes, other.residentBytes].map((b) => megabytes(b, 0)),
    ];
  });
  const head = [
    "tokens of context",
    ...["decode ms: RWKV", "attention"],
    ...["prefill s: RWKV", "attention"],
    ...["context MB: RWKV", "attention"],
    ...["process MB: RWKV", "attention"],
  ];
  return markdownTable(head, rows, "--:");
}

function words({ rwkv, attention }: Comparison): string {
  const contexts = rwkv.map(({ context }) => context);
  const from = (key: "decodeMs" | "prefillMs" | "contextBytes") => {
    const where = crossing(
      contexts,
      rwkv.map((point) => point[key]),
      attention.map((point) => point[key]),
    );
    if (where === "never") return "at no length measured";
    return where === "always"
      ? `at every length measured`
      : `from about ${(Math.round(where / 100) * 100).toLocaleString("en")} tokens on`;
  };
  const [ours, theirs] = [rwkv.at(-1)!, attention.at(-1)!];
  const times = (key: "decodeMs" | "prefillMs" | "contextBytes") => {
    const ratio = theirs[key] / ours[key];
    return ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0);
  };
  return [
    `RWKV takes less time for the next token ${from("decodeMs")}, less time to read the whole context ${from("prefillMs")}, and less memory for it ${from("contextBytes")}.`,
    `At ${ours.context.toLocaleString("en")} tokens attention takes ${times("decodeMs")} times as long for a token, ${times("prefillMs")} times as long to read them all, and ${times("contextBytes")} times the memory.`,
  ].join(" ");
}

function megabytes(bytes: number, digits: number): string {
  return (bytes / 1e6).toFixed(digits);
}

/** Lines for a plot: one colour for each kind of network, dashes for all shapes but the first. */
export function seriesOf(
  comparisons: readonly Comparison[],
  of: (point: RwkvPoint | AttentionPoint) => number,
): Series[] {
  return comparisons.flatMap(({ shape, ...kinds }, i) =>
    (["rwkv", "attention"] as const).map((kind, colour) => ({
      name: `${kind === "rwkv" ? "RWKV-7" : "attention"}, ${shape}`,
      points: kinds[kind].map((point) => [point.context, of(point)] as const),
      colour,
      dashed: i > 0,
    })),
  );
}
