/** How many tokens two sequences have in common from the start. */
export function commonPrefix(
  a: readonly number[],
  b: readonly number[],
): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length])
    length++;
  return length;
}
