/**
 * Cases of rules in plain text: a document with a cursor mark, what was generated there, and what
 * the rule leaves of it.
 *
 *     === ends before the line that follows
 *     language: javascript
 *     --- document
 *     if (a) {
 *       █
 *     }
 *     --- generated
 *     b();
 *     }
 *     --- left
 *     b();
 *
 * `--- left unchanged` and `--- left nothing` stand for the whole text and for none, `--- dropped:
 * REASON` for none and the reason that is given. `language:` (else typescript) and `start: out of
 * sight` may be left out. Lines before the first case are comments. White space at the end of a
 * section does not count; where it matters, it is written ␠ ␉ ␤ (␀ for NUL, ‹200B› for U+200B).
 */
export interface RuleCase {
  readonly title: string;
  readonly language: string;
  /** Whether the text before the cursor starts where the document starts. */
  readonly beforeIsWhole: boolean;
  readonly document: string;
  readonly generated: string;
  readonly left: string;
  /** Why nothing is left, where the case says so. */
  readonly dropped?: string;
  /** The line of the file on which the case starts, from 1. */
  readonly line: number;
}

/** Reads a file of cases. Throws an error that names the line of what it does not understand. */
export function parseRuleCases(text: string): RuleCase[] {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, i) =>
    line.startsWith("===") ? [i] : [],
  );
  if (starts.length === 0) throw new Error("no case: none starts with ===");
  return starts.map((start, i) =>
    parseCase(lines.slice(start, starts[i + 1]), start + 1),
  );
}

function parseCase(lines: readonly string[], line: number): RuleCase {
  const wrong = (what: string, at = 0) =>
    new Error(`line ${line + at}: ${what}`);
  const title = lines[0]!.slice(3).trim();
  if (title === "") throw wrong("a case needs a title behind ===");
  const options = new Map<string, string>();
  const sections = new Map<string, string>();
  let name: string | undefined;
  lines.slice(1).forEach((text, i) => {
    if (text.startsWith("---")) {
      name = text.slice(3).trim();
      if (sections.has(name)) throw wrong(`a second section "${name}"`, i + 1);
      sections.set(name, "");
    } else if (name !== undefined)
      sections.set(name, `${sections.get(name)}${text}\n`);
    else if (text.trim() !== "") {
      const option = /^(language|start): *(.+)$/.exec(text);
      if (option === null) throw wrong(`not an option: ${text}`, i + 1);
      options.set(option[1]!, option[2]!);
    }
  });
  const take = (section: string) => {
    const text = sections.get(section);
    sections.delete(section);
    return text === undefined ? undefined : unescape(text.trimEnd());
  };
  const document = take("document");
  const generated = take("generated");
  if (document === undefined) throw wrong("no section --- document");
  if (document.split("█").length !== 2)
    throw wrong("the document needs one cursor mark, █");
  if (generated === undefined) throw wrong("no section --- generated");
  const [[ending, rest] = ["", ""], ...more] = [...sections];
  if (more.length > 0 || (ending !== "left" && rest.trim() !== ""))
    throw wrong(`not understood: ${[...sections.keys()].join(", ")}`);
  const dropped = /^dropped: *(.+)$/.exec(ending)?.[1];
  const left =
    ending === "left"
      ? unescape(rest.trimEnd())
      : ending === "left unchanged"
        ? generated
        : ending === "left nothing" || dropped !== undefined
          ? ""
          : undefined;
  if (left === undefined)
    throw wrong(
      "a case ends with --- left, --- left unchanged, --- left nothing or --- dropped: REASON",
    );
  const start = options.get("start");
  if (start !== undefined && start !== "out of sight")
    throw wrong(`start can be "out of sight" alone, not "${start}"`);
  return {
    title,
    language: options.get("language") ?? "typescript",
    beforeIsWhole: start === undefined,
    document,
    generated,
    left,
    ...(dropped !== undefined && { dropped }),
    line,
  };
}

const pictures: Record<string, string> = {
  "␠": " ",
  "␉": "\t",
  "␤": "\n",
  "␀": "\0",
};

function unescape(text: string): string {
  return text
    .replace(/␤\n/g, "\n")
    .replace(/[␠␉␤␀]/g, (picture) => pictures[picture]!)
    .replace(/‹([0-9A-F]{1,6})›/g, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    );
}
