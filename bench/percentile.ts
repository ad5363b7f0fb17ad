/** The value that `share` of the values lie below, with one decimal; null if there are none. */
export function percentile(
  values: readonly number[],
  share: number,
): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value =
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
