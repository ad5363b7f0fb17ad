import { nameChars, nameStarts } from "../text/words";

/** The uses of a name in a text, as bits. */
export const NameKind = {
  /** After `.`, `->` or `::`. */
  member: 1,
  /** Not after one of these. */
  plain: 2,
  /** Before a `(`. */
  called: 4,
  /** The name of a class, an interface or another type where it is declared. */
  type: 8,
  /** Where it is declared. */
  declared: 16,
  /** In a line that imports. */
  imported: 32,
} as const;

/** How a name is used in one file. */
export interface NameUse {
  count: number;
  /** Bits of `NameKind`. */
  kinds: number;
}

/** UTF-16 units: a shorter name is typed as fast as accepted, a longer one is not a name. */
const shortestName = 3;
export const longestName = 100;

/**
 * Finds the names of a text. `scanNames` goes by the characters around a name, whatever the language; a
 * parser can replace it.
 */
export type NameScan = (text: string) => ReadonlyMap<string, NameUse>;

const declaring = new Map<string, number>(
  [
    "function fn func fun def sub proc macro method const let var val static define property",
    "namespace module mod package lateinit readonly mut",
  ]
    .flatMap((line) => line.split(" "))
    .map((word): [string, number] => [word, NameKind.declared])
    .concat(
      "class struct interface enum trait type union record protocol typedef impl object"
        .split(" ")
        .map((word): [string, number] => [
          word,
          NameKind.declared | NameKind.type,
        ]),
    ),
);
const importing = new Set([
  "import",
  "from",
  "use",
  "require",
  "include",
  "using",
  "export",
]);

/** 1 for ASCII letters, `_` and `$`, 2 for digits. */
const classes = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$")
  classes[char.charCodeAt(0)] = 1;
for (const char of "0123456789") classes[char.charCodeAt(0)] = 2;
/** Beyond ASCII. */
const nameStart = new RegExp(`[${nameStarts}]`, "u");
const nameChar = new RegExp(`[${nameChars}]`, "u");
const lineFeed = 10;
const replacement = 0xfffd;

/** The names of a whole text. */
export const scanNames: NameScan = (text) => {
  const scanner = new NameScanner();
  scanner.add(text);
  return scanner.names;
};

/**
 * Finds the names of a text that is given in parts, each of which ends with a line, so that other
 * work gets its turn in between.
 */
export class NameScanner {
  readonly names = new Map<string, NameUse>();

  add(text: string): void {
    let previous = "";
    let imports = false;
    let isFirst = true;
    for (let at = 0; at < text.length;) {
      const code = text.charCodeAt(at);
      if (code === lineFeed) {
        previous = "";
        imports = false;
        isFirst = true;
      }
      if (!startsName(text, code, at)) {
        // A digit begins no name, and what follows it belongs to the number.
        at = isDigit(code) ? endOfName(text, at) : at + 1;
        continue;
      }
      const end = endOfName(text, at);
      const length = end - at;
      if (length <= longestName) {
        const word = text.slice(at, end);
        if (length >= shortestName && !isBroken(text, at, end))
          this.record(word, kindsAt(text, at, end, previous, imports));
        if (isFirst) imports = importing.has(word);
        previous = word;
      } else previous = "";
      isFirst = false;
      at = end;
    }
  }

  private record(word: string, kinds: number): void {
    const use = this.names.get(word);
    if (use === undefined) {
      this.names.set(word, { count: 1, kinds });
      return;
    }
    use.count++;
    use.kinds |= kinds;
  }
}

function kindsAt(
  text: string,
  start: number,
  end: number,
  previous: string,
  imports: boolean,
): number {
  let kinds = isMember(text, start) ? NameKind.member : NameKind.plain;
  if (text[end] === "(") kinds |= NameKind.called;
  if (imports) kinds |= NameKind.imported;
  const before = text[start - 1];
  // `def name`, `func (r *T) Name`: the word before counts only if nothing but a space is between.
  if (before === " " || before === "\t") {
    const declared = declaring.get(previous);
    if (declared !== undefined && endsWith(text, start, previous))
      kinds |= declared;
  }
  return kinds;
}

/** Whether only spaces are between a word and `start`. */
function endsWith(text: string, start: number, word: string): boolean {
  let at = start;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return text.startsWith(word, at - word.length);
}

/** Whether a keyword declares the name after it. */
export function declares(word: string): boolean {
  return declaring.has(word);
}

/** Whether the name at `start` is a member. */
export function isMember(text: string, start: number): boolean {
  const one = text[start - 1];
  if (one === ".") return text[start - 2] !== ".";
  const two = text[start - 2];
  return (one === ">" && two === "-") || (one === ":" && two === ":");
}

/** Whether invalid bytes (U+FFFD) touch a name: then it is only a part of a name. */
function isBroken(text: string, start: number, end: number): boolean {
  return (
    text.charCodeAt(start - 1) === replacement ||
    text.charCodeAt(end) === replacement
  );
}

function startsName(text: string, code: number, at: number): boolean {
  return code < 128 ? classes[code] === 1 : isPart(nameStart, text, at);
}

function isDigit(code: number): boolean {
  return code < 128 && classes[code] === 2;
}

function endOfName(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      if (classes[code] === 0) break;
      at++;
    } else if (isPart(nameChar, text, at))
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    else break;
  }
  return at;
}

function isPart(of: RegExp, text: string, at: number): boolean {
  const code = text.codePointAt(at)!;
  return code !== replacement && of.test(String.fromCodePoint(code));
}
