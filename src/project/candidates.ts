import { NameKind } from "./names";
import type { Project } from "./project";

/** The position of a name. */
export interface NameQuery {
  /** Path of the file. */
  readonly path: string;
  /** The typed beginning of the name; may be empty. */
  readonly typed: string;
  /** Whether the name is a member (after `.`, `->` or `::`); undefined if not known. */
  readonly member?: boolean;
  /** The import that the name comes from, as it is written in the text; see `namedImport`. */
  readonly from?: string | undefined;
}

/** A name of the project that may be the one at a position, with the figures that rank it. */
export interface NameCandidate {
  readonly name: string;
  /** Number of other files that contain it. */
  readonly files: number;
  /** Bits of `NameKind` of its uses in the file and in near files. */
  readonly kinds: number;
  /** Distance (see `RelatedFile`) of the nearest file that contains it; Infinity if none is near. */
  readonly distance: number;
  /** Whether a library that the file imports contains it. */
  readonly imported: boolean;
  /** Whether the library of `NameQuery.from` contains it. */
  readonly named: boolean;
  /** The nearest file that contains it; undefined if none is near. */
  readonly source: string | undefined;
}

/** Number of near files whose names are candidates. */
const mostNear = 24;
/** Number of names of the whole project that are candidates. */
const mostGlobal = 96;

interface Found {
  /** Occurrences in the file as last indexed; at most 255. */
  here: number;
  kinds: number;
  distance: number;
  /** 1 for the name that was declared or imported last, 2 for the one before, …; 0 for all others. */
  fresh: number;
  imported: boolean;
  named: boolean;
  source: string | undefined;
}

/**
 * The names that may be the one at a position, the likeliest first by counts and nearness; the caller
 * ranks them by the network.
 *
 * @param most the largest number of names
 */
export function nameCandidates(
  project: Project,
  { path, typed, member, from }: NameQuery,
  most: number,
): NameCandidate[] {
  const { names } = project;
  const prefix = Buffer.from(typed, "utf8");
  const found = new Map<number, Found>();
  const get = (id: number): Found => {
    let entry = found.get(id);
    if (entry === undefined) {
      entry = {
        here: 0,
        kinds: 0,
        distance: Infinity,
        fresh: 0,
        imported: false,
        named: false,
        source: undefined,
      };
      found.set(id, entry);
    }
    return entry;
  };
  const visit = (
    file: number,
    note: (entry: Found, count: number, kinds: number) => void,
  ) => {
    names.postingsOf(file)?.forEach((id, count, kinds) => {
      if (names.startsWith(id, prefix)) note(get(id), count, kinds);
    });
  };

  const own = project.idOf(path);
  if (own !== undefined)
    visit(own, (entry, count, kinds) => {
      entry.here = count;
      entry.kinds |= kinds;
    });
  for (const { file, distance } of project.near(path, mostNear)) {
    const source = project.record(file)?.path;
    visit(file, (entry, _, kinds) => {
      entry.kinds |= kinds;
      // Files come nearest first.
      entry.source ??= source;
      entry.distance = Math.min(entry.distance, distance);
    });
  }
  for (const file of project.librariesOf(path)) {
    const source = project.record(file)?.path;
    const isNamed =
      from !== undefined && project.isImportedAs(path, file, from);
    visit(file, (entry, _, kinds) => {
      entry.kinds |= kinds;
      entry.imported = true;
      entry.named ||= isNamed;
      entry.source ??= source;
    });
  }
  const { freshNames } = project;
  freshNames.forEach((name, i) => {
    const id = name.startsWith(typed) ? names.find(name) : -1;
    if (id >= 0 && names.statistics(id).files > 0)
      get(id).fresh = freshNames.length - i;
  });
  for (const id of names.withPrefix(typed, mostGlobal, member)) get(id);

  // The typed text may be a whole name of the library.
  const isCandidate = ({ name, named }: NameCandidate) =>
    name !== typed || named;
  return [...found]
    .map(([id, entry]) => {
      const { here, kinds, distance, imported, named, source } = entry;
      const { count, files } = names.statistics(id);
      const elsewhere = Math.max(0, count - here);
      const candidate: NameCandidate = {
        name: names.text(id),
        files: Math.max(0, files - (here > 0 ? 1 : 0)),
        kinds,
        distance,
        imported,
        named,
        source,
      };
      return { candidate, score: scoreOf({ ...entry, elsewhere }, member) };
    })
    .sort((a, b) => b.score - a.score)
    .map(({ candidate }) => candidate)
    .filter(isCandidate)
    .slice(0, most);
}

/** The score of a candidate: highest for names of the file, then for near, new or frequent ones. */
function scoreOf(
  {
    here,
    elsewhere,
    kinds,
    distance,
    fresh,
    imported,
    named,
  }: Found & { elsewhere: number },
  member: boolean | undefined,
): number {
  let score = 2 * Math.log1p(here) + 0.5 * Math.log1p(elsewhere);
  if (fresh > 0) score += 3 / Math.sqrt(fresh);
  if (imported) score += 1.5;
  if (named) score += 2;
  if (distance < Infinity) score += 3 / (4 + Math.max(-3, distance));
  // A library's outline has declarations, so its names never appear as members.
  if (member !== undefined && kinds !== 0 && !named) {
    const fits = kinds & (member ? NameKind.member : NameKind.plain);
    if (fits === 0) score -= 2;
  }
  return score;
}
