/**
 * Sorts items by rank, stably, in one pass: for few different ranks, such as numbers of folders.
 * Comparison sorting of tens of thousands of items would block other work.
 */
export function byRank<T>(
  items: Iterable<T>,
  rankOf: (item: T) => number,
): T[] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const rank = rankOf(item);
    const group = groups.get(rank);
    if (group === undefined) groups.set(rank, [item]);
    else group.push(item);
  }
  return [...groups.keys()]
    .sort((a, b) => a - b)
    .flatMap((rank) => groups.get(rank)!);
}
