import type { Suggestions } from "../../protocol";

/** What one value of `rwkv.suggestions` would have shown, whichever it was. */
export interface SettingCounts {
  /** Suggestions, as far as is known. */
  shown: number;
  /** Those that could be compared with their documents a minute later. */
  compared: number;
  /** Of these, those whose first word stood at their place, accepted or typed. */
  right: number;
}

/** What is counted of the suggestions of one day, in one language, by one model. */
export interface Counts {
  /** Suggestions given to the editor; one that is typed through counts once. */
  offered: number;
  /** Those whose whole text stood at their place a minute later, accepted or typed. */
  right: number;
  /** Those accepted as a whole. */
  accepted: number;
  /** Those accepted a word or a line at a time, some of them to the end. */
  acceptedInPart: number;
  /** Accepted ones, or accepted parts of one, that stood at their place a minute later. */
  kept: number;
  /** UTF-16 code units that were accepted. */
  characters: number;
  /** `characters` less one key for each acceptance. */
  keys: number;
  /** Requests that were answered with nothing since no suggestion was sure enough. */
  withheld: number;
  /** Suggestions by the milliseconds until their answer; see {@link latencyBounds}. */
  latency: number[];
  /** Files of before this was counted have none. */
  settings: Record<Suggestions, SettingCounts>;
}

export interface Row extends Counts {
  /** Year, month and day of the local clock: `2026-11-28`. */
  day: string;
  languageId: string;
  model: string;
}

/** Upper bounds in milliseconds of all parts of the histogram but the last, which has none. */
export const latencyBounds = [5, 10, 20, 50, 100, 200, 500, 1000];

/** The values of `rwkv.suggestions`, from the one that shows most. */
export const settingNames: readonly Suggestions[] = [
  "often",
  "balanced",
  "rare",
];

/** Days that are kept. */
const longest = 400;

export function noCounts(): Counts {
  return {
    offered: 0,
    right: 0,
    accepted: 0,
    acceptedInPart: 0,
    kept: 0,
    characters: 0,
    keys: 0,
    withheld: 0,
    latency: new Array<number>(latencyBounds.length + 1).fill(0),
    settings: {
      often: { shown: 0, compared: 0, right: 0 },
      balanced: { shown: 0, compared: 0, right: 0 },
      rare: { shown: 0, compared: 0, right: 0 },
    },
  };
}

/** Adds `counts` to `sum`, in place. */
export function add(sum: Counts, counts: Counts): void {
  sum.offered += counts.offered;
  sum.right += counts.right;
  sum.accepted += counts.accepted;
  sum.acceptedInPart += counts.acceptedInPart;
  sum.kept += counts.kept;
  sum.characters += counts.characters;
  sum.keys += counts.keys;
  sum.withheld += counts.withheld;
  sum.latency = sum.latency.map((n, i) => n + (counts.latency[i] ?? 0));
  for (const name of settingNames) {
    sum.settings[name].shown += counts.settings[name].shown;
    sum.settings[name].compared += counts.settings[name].compared;
    sum.settings[name].right += counts.settings[name].right;
  }
}

/** The part of the histogram that a time belongs to. */
export function latencyPart(ms: number): number {
  const part = latencyBounds.findIndex((bound) => ms < bound);
  return part < 0 ? latencyBounds.length : part;
}

/**
 * The upper bound in milliseconds of the part of the histogram in which a share of all times, 0 … 1, is
 * reached: Infinity for the last part, undefined where there are no times.
 */
export function latencyWithin(
  latency: readonly number[],
  share: number,
): number | undefined {
  const all = latency.reduce((sum, n) => sum + n, 0);
  if (all === 0) return undefined;
  let sum = 0;
  const part = latency.findIndex((n) => (sum += n) >= share * all);
  return latencyBounds[part] ?? Infinity;
}

/** The sums of `rows` by what `key` says of each, in the order of the first of each key. */
export function sumBy(
  rows: readonly Row[],
  key: (row: Row) => string,
): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const row of rows) {
    const sum = sums.get(key(row)) ?? noCounts();
    sums.set(key(row), sum);
    add(sum, row);
  }
  return sums;
}

/** Both as one, by day; the oldest days beyond 400 are dropped. */
export function merged(a: readonly Row[], b: readonly Row[]): Row[] {
  const rows = new Map<string, Row>();
  for (const row of [...a, ...b]) {
    const { day, languageId, model } = row;
    const key = JSON.stringify([day, languageId, model]);
    const sum = rows.get(key) ?? { day, languageId, model, ...noCounts() };
    rows.set(key, sum);
    add(sum, row);
  }
  const days = [...new Set([...rows.values()].map(({ day }) => day))].sort();
  const first = days.at(-longest) ?? "";
  return [...rows.values()]
    .filter(({ day }) => day >= first)
    .sort((x, y) => compare(x.day, y.day));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The day of a time, in milliseconds since 1970, by the local clock. */
export function dayOf(time: number): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A value read from a file as a row; undefined if it is none. What a row of before lacks is 0. */
export function asRow(value: unknown): Row | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const none = noCounts();
  const row = { settings: none.settings, ...value } as Record<string, unknown>;
  const isRow =
    typeof row["day"] === "string" &&
    /^\d{4}-\d\d-\d\d$/.test(row["day"]) &&
    typeof row["languageId"] === "string" &&
    typeof row["model"] === "string" &&
    Object.entries(none).every(([key, counts]) => isLike(row[key], counts));
  return isRow ? (row as unknown as Row) : undefined;
}

/** Whether a value has counts wherever another one has them. */
function isLike(value: unknown, counts: unknown): boolean {
  if (typeof counts === "number")
    return typeof value === "number" && value >= 0;
  if (Array.isArray(counts))
    return Array.isArray(value) && value.every((n) => isLike(n, 0));
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(counts as object).every(([key, each]) =>
      isLike((value as Record<string, unknown>)[key], each),
    )
  );
}
