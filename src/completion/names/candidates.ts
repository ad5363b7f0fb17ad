import type {
  NameCandidate as ProjectName,
  NameQuery,
} from "../../project/candidates";
import { declares, isMember } from "../../project/names";
import { nameChars, nameSource } from "../../text/words";

/** What other files say of a name. */
export type UseElsewhere = Pick<
  ProjectName,
  "files" | "kinds" | "distance" | "imported" | "named"
>;

/** A name that may be the one being typed, with the figures that rank it. */
export interface NameCandidate {
  readonly name: string;
  /** How often it stands in the file before the cursor, and after it. */
  readonly before: number;
  readonly after: number;
  /** UTF-16 units from its nearest occurrence before the cursor; Infinity without one. */
  readonly distance: number;
  /** Number of its occurrences in the file of the same kind as here: as a member, or not. */
  readonly fitting: number;
  /** The longest common text, in UTF-16 units, before one of its occurrences and before the name here. */
  readonly match: number;
  /** Whether it is declared or imported before the cursor and stands nowhere else in the file. */
  readonly isUnused: boolean;
  readonly elsewhere: UseElsewhere;
  /** Whether the editor says that it is a member of what stands before it. */
  readonly isEditorMember: boolean;
}

/** A common word of the language counts as if it stood in some other files. */
const filesOfCommonWord = 3;

/** Characters of the file that are searched on either side of the cursor. */
const searched = 128 * 1024;
/** UTF-16 units of the longest name that is a candidate. */
const maxNameLength = 128;
/** Text left of two occurrences that is compared. */
const maxMatch = 32;

const nameAtEnd = new RegExp(`(?:^|[^${nameChars}])(${nameSource})$`, "u");
export const nameAtStart = new RegExp(`^[${nameChars}]+`, "u");
const nameCharacter = new RegExp(`[${nameChars}]`, "u");
const numberAtEnd = new RegExp(`(?:^|[^${nameChars}])\\p{N}+\\.$`, "u");
const memberName = new RegExp(`(?<=\\.|->|::)${nameSource}`, "gu");
const wordAtEnd = /(\p{L}+)[ \t]+$/u;
const importLine =
  /^[ \t]*(?:import|from|use|using|include|#include|require)\b/;

const nowhere: UseElsewhere = {
  files: 0,
  kinds: 0,
  distance: Infinity,
  imported: false,
  named: false,
};

/** The name before the cursor, as far as it is typed; empty where none is. */
export function typedName(before: string): string {
  const name = nameAtEnd.exec(before.slice(-maxNameLength))?.[1] ?? "";
  return name.length < maxNameLength ? name : "";
}

/** The place of a name that is being typed. */
export interface NamePlace {
  /** The beginning of the name; empty behind what it is a member of. */
  readonly typed: string;
  /** The text before the cursor, which ends with `typed`. */
  readonly before: string;
  /** The text after the cursor. */
  readonly after: string;
}

/** Whether the name at a place is a member of what stands before it. */
export function isMemberPlace({
  typed,
  before,
}: Pick<NamePlace, "typed" | "before">): boolean {
  const start = before.length - typed.length;
  if (!isMember(before, start)) return false;
  // `1.` is a number that goes on.
  return typed !== "" || !numberAtEnd.test(before.slice(-maxNameLength));
}

/** The names of the project that may stand at a place, the likeliest first. */
export type ProjectNames = (
  place: Omit<NameQuery, "path">,
) => readonly (UseElsewhere & { readonly name: string })[];

/** Whether the word before the name says that a new one comes. */
export function isDeclaration({ typed, before }: NamePlace): boolean {
  return isDeclaredAt(before, before.length - typed.length);
}

/**
 * What is typed as a name of its own, then the names that begin with it and are longer. With nothing
 * typed, the names that stand in the file as members, and those from elsewhere.
 *
 * @param elsewhere names that other files have, and what the editor names, with what is typed
 */
export function nameCandidates(
  place: NamePlace,
  elsewhere: ReadonlyMap<string, UseElsewhere>,
  editorMembers: ReadonlySet<string> = new Set(),
): NameCandidate[] {
  const { typed, before, after } = place;
  const found = new Map<string, Mutable<NameCandidate>>();
  const entry = (name: string) => {
    let known = found.get(name);
    if (known === undefined) {
      known = {
        name,
        before: 0,
        after: 0,
        distance: Infinity,
        fitting: 0,
        match: 0,
        isUnused: false,
        elsewhere: nowhere,
        isEditorMember: false,
      };
      found.set(name, known);
    }
    return known;
  };
  const member = isMemberPlace(place);
  const head = before.slice(-searched, before.length - typed.length);
  const countAt = (
    text: string,
    name: string,
    at: number,
  ): Mutable<NameCandidate> => {
    const candidate = entry(name);
    if (isMember(text, at) === member) candidate.fitting++;
    candidate.match = Math.max(candidate.match, matchAt(text, at, head));
    return candidate;
  };
  for (const { name, at } of occurrences(head, typed)) {
    const candidate = countAt(head, name, at);
    candidate.before++;
    candidate.distance = head.length - at;
    candidate.isUnused = candidate.before === 1 && isNewAt(head, at);
  }
  // What is right of the cursor may be the rest of the typed name: it starts behind that.
  const tail = after.slice(0, searched).replace(nameAtStart, "");
  for (const { name, at } of occurrences(tail, typed)) {
    const candidate = countAt(tail, name, at);
    candidate.after++;
    candidate.isUnused = false;
  }
  for (const [name, use] of elsewhere) entry(name).elsewhere = use;
  for (const name of editorMembers)
    if (name.startsWith(typed)) entry(name).isEditorMember = true;
  // The name may be complete, whatever stands elsewhere.
  const complete = typed === "" ? [] : [entry(typed)];
  found.delete(typed);
  return [...complete, ...found.values()];
}

/**
 * The names of other open files and of the project that begin with what is typed.
 *
 * @param common words of the language that begin like that
 */
export function namesElsewhere(
  typed: string,
  open: readonly ReadonlySet<string>[],
  project: readonly (UseElsewhere & { readonly name: string })[],
  common: readonly string[] = [],
): Map<string, UseElsewhere> {
  const uses = new Map<string, UseElsewhere>(
    project.map((use) => [use.name, use]),
  );
  // With nothing typed they are too many, and nothing tells which of them are members.
  if (typed === "") return uses;
  // The project has counted the open files, too, where it knows the name.
  const isCounted = new Set(uses.keys());
  for (const names of open)
    for (const name of names)
      if (name.startsWith(typed) && !isCounted.has(name)) {
        const files = (uses.get(name)?.files ?? 0) + 1;
        uses.set(name, { ...nowhere, files });
      }
  for (const name of common) {
    const use = uses.get(name) ?? nowhere;
    const files = Math.max(use.files, filesOfCommonWord);
    uses.set(name, { ...use, files });
  }
  return uses;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** UTF-16 units before `at` that a text has in common with the end of another one. */
function matchAt(text: string, at: number, head: string): number {
  let length = 0;
  while (
    length < maxMatch &&
    length < at &&
    length < head.length &&
    text.charCodeAt(at - 1 - length) ===
      head.charCodeAt(head.length - 1 - length)
  )
    length++;
  return length;
}

/** Whether a name is declared or imported where it stands. */
function isNewAt(text: string, at: number): boolean {
  if (isDeclaredAt(text, at)) return true;
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  return importLine.test(text.slice(lineStart, Math.min(at, lineStart + 64)));
}

function isDeclaredAt(text: string, at: number): boolean {
  const word = wordAtEnd.exec(text.slice(Math.max(0, at - 24), at))?.[1];
  return word !== undefined && declares(word);
}

/** Names that begin with `typed`, in the order of the text; with nothing typed, those of members. */
function* occurrences(
  text: string,
  typed: string,
): Generator<{ name: string; at: number }> {
  if (typed === "") {
    for (const { 0: name, index } of text.matchAll(memberName))
      if (name.length < maxNameLength && isMember(text, index))
        yield { name, at: index };
    return;
  }
  for (
    let at = text.indexOf(typed);
    at >= 0;
    at = text.indexOf(typed, at + typed.length)
  ) {
    if (at > 0 && nameCharacter.test(text[at - 1]!)) continue;
    const [rest = ""] =
      nameAtStart.exec(text.slice(at + typed.length, at + maxNameLength)) ?? [];
    const name = typed + rest;
    if (name.length < maxNameLength) yield { name, at };
  }
}
