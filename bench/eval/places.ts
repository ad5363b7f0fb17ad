import { seededRandom } from "../../src/engine/sampling";

/** Places in one file at most. */
const linesPerFile = 8;
const identifiersPerFile = 8;
/** The first line that is asked for, counted from 1. */
const firstLine = 6;
const windowLines = 40;
/** An identifier is asked for after its first characters. */
const typedCharacters = 2;
const shortestIdentifier = 5;

/** A place in a text and what stands there. */
export interface Place {
  /** The cursor, in UTF-16 units. */
  readonly offset: number;
  /** What is to be found; no line break in it. */
  readonly expected: string;
  /** The end of the place's line. */
  readonly lineEnd: number;
}

/** Lines to be completed from behind their indentation. */
export function chooseLines(text: string, seed: number): Place[] {
  const places: Place[] = [];
  let start = 0;
  text.split("\n").forEach((line, index) => {
    const content = line.trim();
    const letters = /\p{L}/u.test(content);
    const characters = content.replace(/\s/g, "").length;
    if (index + 1 >= firstLine && letters && characters >= 3) {
      const indentation = line.length - line.trimStart().length;
      places.push({
        offset: start + indentation,
        expected: content,
        lineEnd: start + line.length,
      });
    }
    start += line.length + 1;
  });
  return choose(places, linesPerFile, seed);
}

/** Bytes of a text, from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Lines with their line breaks, whatever stands in them: each is as likely as any other. */
export function chooseAnyLines(bytes: Uint8Array, seed: number): ByteRange[] {
  const lines: ByteRange[] = [];
  for (let start = 0; start < bytes.length; start = lines.at(-1)!.end) {
    const lineFeed = bytes.indexOf(0x0a, start);
    lines.push({ start, end: lineFeed < 0 ? bytes.length : lineFeed + 1 });
  }
  return choose(lines, linesPerFile, seed);
}

/** Words that a model does not have to find: they are no identifiers in most languages. */
const keywords = new Set(
  (
    "abstract async await break catch class const continue crate debugger default defer delete " +
    "double elif elseif except export extends extern false final finally float foreach function " +
    "global implements import include instanceof interface lambda match module namespace native " +
    "nonlocal override package panic private protected public raise range readonly require return " +
    "select short signed sizeof static strict struct super switch synchronized template throw " +
    "throws trait transient typedef typename typeof union unless unsafe unsigned until using " +
    "virtual volatile where while yield"
  ).split(" "),
);

/** Identifiers to be completed after their first two characters. */
export function chooseIdentifiers(text: string, seed: number): Place[] {
  const places: Place[] = [];
  for (const { 0: word, index } of text.matchAll(/(?<!\w)[A-Za-z_]\w*/g)) {
    if (word.length < shortestIdentifier || keywords.has(word)) continue;
    const offset = index + typedCharacters;
    const lineEnd = text.indexOf("\n", offset);
    places.push({
      offset,
      expected: word.slice(typedCharacters),
      lineEnd: lineEnd < 0 ? text.length : lineEnd,
    });
  }
  return choose(places, identifiersPerFile, seed);
}

/** Where 40 lines of a text start and end, the line break behind them left out; all of a shorter text. */
export function chooseWindow(
  text: string,
  seed: number,
): { start: number; end: number } {
  const lines = text.split("\n");
  const last = Math.max(0, lines.length - windowLines);
  const first = Math.floor(seededRandom(seed)() * (last + 1));
  const lengthOf = (some: string[]) => some.join("\n").length;
  const start = first === 0 ? 0 : lengthOf(lines.slice(0, first)) + 1;
  return {
    start,
    end: start + lengthOf(lines.slice(first, first + windowLines)),
  };
}

/** At most `count` of the items, drawn without replacement, in their order. */
export function choose<T>(
  items: readonly T[],
  count: number,
  seed: number,
): T[] {
  const random = seededRandom(seed);
  const left = items.map((_, i) => i);
  const drawn: number[] = [];
  while (drawn.length < count && left.length > 0) {
    const at = Math.floor(random() * left.length);
    drawn.push(left[at]!);
    left[at] = left.at(-1)!;
    left.pop();
  }
  return drawn.sort((a, b) => a - b).map((i) => items[i]!);
}

/** A seed that depends on nothing but a name (FNV-1a). */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++)
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
