import type { Suggestion } from "./suggestion";

/** Alternatives that are offered besides the first suggestion. */
const maxAlternatives = 2;

/**
 * Other texts for the place of a suggestion, the likeliest first, each beginning in another way.
 *
 * @param another generates a text that begins unlike some others; without text: there is none
 */
export async function alternativesTo(
  first: Suggestion,
  another: (taken: readonly Suggestion[]) => Promise<Suggestion>,
): Promise<Suggestion[]> {
  const taken = [first];
  while (taken.length <= maxAlternatives) {
    const next = await another(taken);
    const isNew = ({ text }: Suggestion) =>
      !text.startsWith(next.text) && !next.text.startsWith(text);
    // What is spelled by other tokens may still be the same text.
    if (next.text === "" || !taken.every(isNew)) break;
    taken.push(next);
  }
  return taken.slice(1);
}
