/**
 * Items in the order of their ranks, those of one rank in the order in which they came. For few
 * different ranks, such as numbers of folders: it takes one look at each item, where sorting tens of
 * thousands would hold up other work.
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
