/** How many UTF-16 units two texts begin with in common. */
export function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length))
    length++;
  return length;
}

/** How many UTF-16 units two texts end with in common. */
export function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  const inA = a.length - 1;
  const inB = b.length - 1;
  let length = 0;
  while (
    length < most &&
    a.charCodeAt(inA - length) === b.charCodeAt(inB - length)
  )
    length++;
  return length;
}
