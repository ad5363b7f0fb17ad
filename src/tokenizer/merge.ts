/** The token that two neighbours become; merges of a lower rank are applied first. */
export interface Merge {
  readonly rank: number;
  readonly id: number;
}

/**
 * Byte-pair encoding: merges the pair of neighbours with the lowest rank, the leftmost of equals, until
 * no pair has a merge. With a heap of pairs it takes O(n log n) for a piece of n bytes.
 *
 * @param tokens overwritten
 * @returns the tokens left, in order
 */
export function mergePairs(
  tokens: number[],
  mergeOf: (left: number, right: number) => Merge | undefined,
): number[] {
  const heap = new PairHeap();
  const next = Int32Array.from(tokens, (_, at) => at + 1);
  const previous = Int32Array.from(tokens, (_, at) => at - 1);
  const offer = (left: number) => {
    const right = next[left]!;
    if (left < 0 || right >= tokens.length) return;
    const merge = mergeOf(tokens[left]!, tokens[right]!);
    if (merge !== undefined) heap.push(merge, left);
  };
  for (let at = 0; at + 1 < tokens.length; at++) offer(at);
  for (let pair = heap.pop(); pair !== undefined; pair = heap.pop()) {
    const { merge, left } = pair;
    const right = next[left]!;
    // An entry is stale if one of its two tokens has been merged since.
    if (tokens[left]! < 0 || right >= tokens.length) continue;
    if (mergeOf(tokens[left]!, tokens[right]!) !== merge) continue;
    tokens[left] = merge.id;
    tokens[right] = -1;
    next[left] = next[right]!;
    if (next[right]! < tokens.length) previous[next[right]!] = left;
    if (previous[left]! >= 0) offer(previous[left]!);
    offer(left);
  }
  return tokens.filter((token) => token >= 0);
}

interface Offer {
  readonly merge: Merge;
  /** Position of the left token of the pair. */
  readonly left: number;
}

/** A binary heap, least rank first, then leftmost. */
class PairHeap {
  private readonly items: Offer[] = [];

  push(merge: Merge, left: number): void {
    const { items } = this;
    const item = { merge, left };
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Offer | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!))
        child++;
      if (!before(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

function before(a: Offer, b: Offer): boolean {
  return (
    a.merge.rank < b.merge.rank ||
    (a.merge.rank === b.merge.rank && a.left < b.left)
  );
}
