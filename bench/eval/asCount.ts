/** The number that a flag of the command line names. @throws Error unless it is whole and 1 or more */
export function asCount(flag: string, word: string): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`${flag} takes a whole number of 1 or more`);
  return count;
}
