import { splitsWord } from "../text/words";
import type { Closer, End, Insertion } from "./syntax";
import { closerOf, closers, isBlock, isCall, isStatement } from "./nodeTypes";
import type { Probe, Token } from "./probe";

const quotes = new Set(['"', "'", "`"]);

/** Words that open and close blocks, by grammar. */
const blockWords: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bash: { if: "fi", do: "done", case: "esac" },
  ruby: {
    begin: "end",
    case: "end",
    class: "end",
    def: "end",
    do: "end",
    module: "end",
  },
};

/** Brackets and strings that tokens open and close. */
export interface Balance {
  readonly unopened: readonly Closer[];
  readonly unclosed: readonly string[];
}

/**
 * Reads the brackets and strings of an inserted text off its tokens. In comments, strings, regular
 * expressions and lifetimes there are no such tokens.
 *
 * @param grammar name of the grammar
 */
export function balanceOf(
  tokens: readonly Token[],
  text: string,
  grammar: string,
): Balance {
  const open: string[] = [];
  const unopened: Closer[] = [];
  const words = blockWords[grammar] ?? {};
  const closing = new Set(Object.values(words));
  for (const { type, start, end } of tokens) {
    const closer = closerOf[type];
    const word = words[type];
    if (closer !== undefined) open.push(closer);
    else if (word !== undefined) open.push(`\n${word}`);
    else if (closing.has(type)) {
      if (open.at(-1) === `\n${type}`) open.pop();
    } else if (closers.has(type) || type === "))") {
      if (open.at(-1) === type) open.pop();
      else unopened.push({ closer: type, at: start });
    } else if (type === "string_start") {
      open.push(/["'`]+$/.exec(text.slice(start, end))?.[0] ?? '"');
    } else if (type === "string_end") {
      if (/^["'`]/.test(open.at(-1) ?? "")) open.pop();
    } else if (quotes.has(type) && !(type === "'" && grammar === "rust")) {
      // A quote closes what a quote has opened.
      if (open.at(-1) === type) open.pop();
      else open.push(type);
    }
  }
  return { unopened, unclosed: open };
}

/** Where an inserted text may end, in order, each place with the largest thing that ends there. */
export function endsOf({ tokens, complete }: Probe, text: string): End[] {
  const ends: End[] = [];
  for (const [index, { type, end }] of tokens.entries()) {
    const kind = endKind(
      type,
      complete.get(end) ?? [],
      tokens[index + 1]?.type,
    );
    if (kind === undefined) continue;
    // Half a word is no end.
    if (splitsWord(text, end)) continue;
    ends.push({ at: end, kind });
  }
  return ends;
}

function endKind(
  type: string,
  complete: readonly string[],
  next: string | undefined,
): End["kind"] | undefined {
  if (complete.some(isBlock) && (type === "}" || type === "end"))
    return "block";
  if (type === ";" || complete.some(isStatement)) return "statement";
  if (complete.some(isCall)) return "call";
  if (next === "," || (next !== undefined && closers.has(next)))
    return "argument";
  if (/^[\p{L}_]/u.test(type) || /^["'`)\]}]$/.test(type)) return "word";
  return undefined;
}

/** What a probe tells of an inserted text. */
export function insertionOf(
  found: Probe,
  text: string,
  grammar: string,
  wrongFrom: number | undefined,
): Insertion {
  const balance = balanceOf(found.tokens, text, grammar);
  return { ...balance, ends: endsOf(found, text), wrongFrom };
}
