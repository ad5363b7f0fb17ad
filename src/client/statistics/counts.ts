import { suggestionsValues, type Suggestions } from "../../protocol";

/** What one value of `rwkv.suggestions` would have shown, whichever it was. */
export interface SettingCounts {
  /** Suggestions, as far as is known. */
  shown: number;
  /** Those that could be compared with their documents a minute later. */
  compared: number;
  /** Of these, those whose first word stood at their place, accepted or typed. */
  right: number;
}

/** Counts of the suggestions of one day, in one language, by one model. */
export interface Counts {
  /** Suggestions given to the editor. One that the user types through counts once, not at each key. */
  offered: number;
  /** Suggestions whose whole text was at their position a minute later, accepted or typed. */
  right: number;
  /** Suggestions accepted as a whole, or with their last part. */
  accepted: number;
  /** Suggestions of which a word or a line was accepted; those accepted to the end are in `accepted`, too. */
  acceptedInPart: number;
  /** Suggestions whose accepted text, a part or the whole, was at their position a minute later. */
  kept: number;
  /** UTF-16 code units that were accepted. */
  characters: number;
  /** Keys saved: `characters` less one key for each acceptance. */
  keys: number;
  /** Requests answered without a suggestion because its confidence was too low. */
  withheld: number;
  /** Suggestions by the time from request to answer: a histogram with the bins of {@link latencyBounds}. */
  latency: number[];
  /** Files of before this was counted have none. */
  settings: Record<Suggestions, SettingCounts>;
}

/** Counts with the day, language and model that they belong to. */
export interface Row extends Counts {
  /** Year, month and day of the local clock: `2026-11-28`. */
  day: string;
  languageId: string;
  model: string;
}

/** Upper bounds of the histogram's bins, in milliseconds. One more bin has the longer times. */
export const latencyBounds = [5, 10, 20, 50, 100, 200, 500, 1000];

/** Most days that are kept. */
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
  for (const name of suggestionsValues) {
    sum.settings[name].shown += counts.settings[name].shown;
    sum.settings[name].compared += counts.settings[name].compared;
    sum.settings[name].right += counts.settings[name].right;
  }
}

/** The index of the histogram's bin for a time in milliseconds. */
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

/** The sums of the rows with the same key, in the order in which the keys first occur. */
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

/**
 * The rows of both lists, one for each day, language and model, sorted by day. Of more than 400 days
 * the oldest are dropped.
 */
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

/** The day of a time by the local clock: `2026-11-28`. @param time milliseconds since 1970 */
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
