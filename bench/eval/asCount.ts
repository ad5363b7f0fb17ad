/** The number that a flag of the command line names. @throws Error unless it is whole and `least` or more */
export function asCount(flag: string, word: string, least = 1): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < least)
    throw new Error(`${flag} takes a whole number of ${least} or more`);
  return count;
}
