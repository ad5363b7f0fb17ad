import type { Suggestion } from "./suggestion";

/**
 * Other texts for the place of a suggestion, the likeliest first, each beginning in another way.
 *
 * @param most at most so many are made
 * @param another generates a text that begins unlike some others; without text: there is none
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
    // What is spelled by other tokens may still be the same text.
    if (next.text === "" || !taken.every(isNew)) break;
    taken.push(next);
  }
  return taken.slice(1);
}
