/** Shorter names are typed as fast as taken. */
const shortest = 6;
/** So much of a name has to be typed before another file may say what it is. */
const leastTyped = 5;

const name = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const nameAtEnd = /(?:^|[^\p{L}\p{N}_$])([\p{L}_$][\p{L}\p{N}_$]*)$/u;

/** The names in a text that are long enough to be worth completing. */
export function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [found] of text.matchAll(name))
    if (found.length >= shortest) names.add(found);
  return names;
}

/**
 * What is left of a name that stands in other files alone: the one name there that begins with the
 * word before the cursor. Copying by tokens finds such names late, since half a word is tokenised
 * in another way than the whole one.
 *
 * @param before the text before the cursor
 * @param own the text of the cursor's file: where a name there begins like that, nothing is certain
 * @returns an empty string unless there is exactly one such name
 */
export function restOfName(
  before: string,
  own: string,
  others: readonly ReadonlySet<string>[],
): string {
  const typed = nameAtEnd.exec(before.slice(-256))?.[1] ?? "";
  if (typed.length < leastTyped) return "";
  const found = new Set<string>();
  for (const names of others)
    for (const known of names)
      if (known.length > typed.length && known.startsWith(typed))
        found.add(known);
  const [only] = found;
  if (only === undefined || found.size > 1) return "";
  // Last, since it may look through a long file.
  return standsIn(own, typed) ? "" : only.slice(typed.length);
}

/** Whether a longer name than `typed` that begins with it stands in a text. */
function standsIn(text: string, typed: string): boolean {
  for (
    let at = text.indexOf(typed);
    at >= 0;
    at = text.indexOf(typed, at + 1)
  ) {
    const goesOn = /[\p{L}\p{N}_$]/u.test(text.charAt(at + typed.length));
    if (goesOn && !/[\p{L}\p{N}_$]/u.test(text.charAt(at - 1))) return true;
  }
  return false;
}
