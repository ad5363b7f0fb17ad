import { closerOf, closers } from "./nodeTypes";
import type { Token } from "./probe";

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
interface Balance {
  /** Closing brackets that the tokens do not open themselves, in order, with their offsets. */
  readonly unopened: readonly {
    readonly closer: string;
    readonly at: number;
  }[];
  /** Closers of the brackets and strings that the tokens leave open, the innermost last. */
  readonly unclosed: readonly string[];
}

/**
 * Finds the brackets and strings of an inserted text in its tokens. Comments, the contents of
 * strings, regular expressions and lifetimes contain no such tokens.
 *
 * @param grammar name of the grammar
 */
export function balanceOf(
  tokens: readonly Token[],
  text: string,
  grammar: string,
): Balance {
  const open: string[] = [];
  const unopened: { closer: string; at: number }[] = [];
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
      // The same quote opens and closes a string.
      if (open.at(-1) === type) open.pop();
      else open.push(type);
    }
  }
  return { unopened, unclosed: open };
}
