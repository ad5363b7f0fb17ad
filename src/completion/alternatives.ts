import type { Suggestion } from "./suggestion";

/**
 * Makes alternatives to a suggestion, the likeliest first. No two of them begin alike.
 *
 * @param most the largest number of alternatives
 * @param another generates a text that begins unlike the given ones; an empty text: there is none
 */
export async function alternativesTo(
  first: Suggestion,
  most: number,
  another: (taken: readonly Suggestion[]) => Promise<Suggestion>,
): Promise<Suggestion[]> {
  const taken = [first];
  while (taken.length <= most) {
    const next = await another(taken);
    const isNew = ({ text }: Suggestion) =>
      !text.startsWith(next.text) && !next.text.startsWith(text);
    // Different tokens may still spell the same text.
    if (next.text === "" || !taken.every(isNew)) break;
    taken.push(next);
  }
  return taken.slice(1);
}
