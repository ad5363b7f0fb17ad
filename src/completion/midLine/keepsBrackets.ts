import type { Surroundings } from "../context";

const closerOf: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
};
const quotes = "\"'`";

/** The text on either side of the cursor in its line. */
type Line = Pick<Surroundings, "languageId" | "linePrefix" | "lineSuffix">;

/**
 * Whether a text inserted into a line leaves the pairing of the line's brackets and strings unchanged: it
 * closes all that it opens and nothing else, both by itself and within the line.
 */
export function keepsBrackets(
  { languageId, linePrefix, lineSuffix }: Line,
  inserted: string,
): boolean {
  const opened = (line: string) =>
    openedBy(languageId === "rust" ? withoutLifetimes(line) : line);
  return (
    opened(inserted) === "" &&
    hasPairedQuotes(linePrefix.slice(-1).replace(/[^&<]/, "") + inserted) &&
    opened(linePrefix + inserted + lineSuffix) ===
      opened(linePrefix + lineSuffix)
  );
}

/** Two lifetimes of a line would look like a string. */
function withoutLifetimes(line: string): string {
  return line.replace(/(?<![\p{L}\p{N}])'(?=[a-z_]\w*(?!['\w]))/gu, " ");
}

/** Apostrophes within words, lifetimes and escaped quotes are no quotes. */
function hasPairedQuotes(text: string): boolean {
  const bare = text
    .replace(/\\./gs, "")
    .replace(/(?<=\p{L})'(?=\p{L})|(?<=[&<])'(?=[a-z_]\w*(?!['\w]))/gu, "");
  return Array.from(quotes).every(
    (quote) => bare.split(quote).length % 2 === 1,
  );
}

/** The brackets that a line does not pair itself, in order, and the string that it leaves open. */
function openedBy(line: string): string {
  const open: string[] = [];
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (quotes.includes(char) && !/[\p{L}\p{N}]/u.test(line[at - 1] ?? "")) {
      const end = stringEnd(line, at);
      if (end !== undefined) at = end;
      // Nothing closes a lifetime.
      else if (char !== "'") return open.join("") + char;
    } else if (closerOf[char] !== undefined) open.push(char);
    else if (")]}".includes(char)) {
      if (closerOf[open.at(-1) ?? ""] === char) open.pop();
      else open.push(char);
    }
  }
  return open.join("");
}

/** Where the string that begins at `start` ends; undefined if it does not end in the line. */
function stringEnd(line: string, start: number): number | undefined {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === line[start]) return at;
  }
  return undefined;
}
