import { nameChars, nameSource } from "../../text/words";

/** A name that may be the one being typed, with what speaks for it. */
export interface NameCandidate {
  readonly name: string;
  /** How often it stands in the file before the cursor, and after it. */
  readonly before: number;
  readonly after: number;
  /** UTF-16 units from its nearest occurrence before the cursor; Infinity without one. */
  readonly distance: number;
  /** In how many other files it stands. */
  readonly elsewhere: number;
}

/** Characters of the file that are searched on either side of the cursor. */
const searched = 128 * 1024;
/** Longer names are typed by hand. */
const maxNameLength = 128;

const nameAtEnd = new RegExp(`(?:^|[^${nameChars}])(${nameSource})$`, "u");
export const nameAtStart = new RegExp(`^[${nameChars}]+`, "u");
const nameCharacter = new RegExp(`[${nameChars}]`, "u");

/** The name before the cursor, as far as it is typed; empty where none is. */
export function typedName(before: string): string {
  return nameAtEnd.exec(before.slice(-maxNameLength))?.[1] ?? "";
}

/**
 * What is typed as a name of its own, then the names that begin with it and are longer, the likeliest
 * first by counts and nearness.
 *
 * @param typed the beginning of a name, not empty
 * @param before the text before the cursor, which ends with `typed`
 * @param after the text after the cursor
 * @param elsewhere names of other files that begin with what is typed, and in how many each stands
 * @param most at most so many of the longer ones are given
 */
export function nameCandidates(
  typed: string,
  before: string,
  after: string,
  elsewhere: ReadonlyMap<string, number>,
  most: number,
): NameCandidate[] {
  const found = new Map<string, Mutable<NameCandidate>>();
  const entry = (name: string) => {
    let known = found.get(name);
    if (known === undefined) {
      known = { name, before: 0, after: 0, distance: Infinity, elsewhere: 0 };
      found.set(name, known);
    }
    return known;
  };
  const head = before.slice(-searched, before.length - typed.length);
  for (const { name, at } of occurrences(head, typed)) {
    const candidate = entry(name);
    candidate.before++;
    candidate.distance = head.length - at;
  }
  // What is right of the cursor may be the rest of the typed name: it starts behind that.
  const tail = after.slice(0, searched).replace(nameAtStart, "");
  for (const { name } of occurrences(tail, typed)) entry(name).after++;
  for (const [name, files] of elsewhere) entry(name).elsewhere = files;
  // The name may be complete, whatever stands elsewhere.
  const complete = entry(typed);
  found.delete(typed);
  const longer = [...found.values()].sort((a, b) => worth(b) - worth(a));
  return [complete, ...longer.slice(0, most)];
}

/** The names of other open files and of the project that begin with what is typed, with how many files have each. */
export function namesElsewhere(
  typed: string,
  open: readonly ReadonlySet<string>[],
  project: readonly { readonly name: string; readonly files: number }[],
): Map<string, number> {
  const files = new Map(project.map(({ name, files }) => [name, files]));
  // The project has counted the open files, too, where it knows the name.
  const isCounted = new Set(files.keys());
  for (const names of open)
    for (const name of names)
      if (name.startsWith(typed) && !isCounted.has(name))
        files.set(name, (files.get(name) ?? 0) + 1);
  return files;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A rough order, in which the network then looks closer. */
function worth({ before, after, distance, elsewhere }: NameCandidate): number {
  return (
    2 * Math.log1p(before) +
    Math.log1p(after) +
    0.3 * Math.log1p(elsewhere) -
    0.3 * Math.log(Math.min(distance, searched))
  );
}

/** Names that begin with `typed`, in the order of the text. */
function* occurrences(
  text: string,
  typed: string,
): Generator<{ name: string; at: number }> {
  for (
    let at = text.indexOf(typed);
    at >= 0;
    at = text.indexOf(typed, at + typed.length)
  ) {
    if (at > 0 && nameCharacter.test(text[at - 1]!)) continue;
    const rest = nameAtStart.exec(
      text.slice(at + typed.length, at + maxNameLength),
    )?.[0];
    yield { name: typed + (rest ?? ""), at };
  }
}
