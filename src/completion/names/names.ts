import { nameSource } from "../../text/words";

/** Letters of the shortest name; typing a shorter one is as fast as accepting it. */
const shortest = 6;

const name = new RegExp(nameSource, "gu");

/** The names in a text that are long enough to be worth completing. */
export function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [found] of text.matchAll(name))
    if (found.length >= shortest) names.add(found);
  return names;
}
