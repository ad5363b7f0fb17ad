import type { Tokenizer } from "../../tokenizer/tokenizer";
import { bytesOf } from "../tokenText";
import type { LogitsProcessor } from "./processor";

/** UTF-16 units before the position that are searched for the recipe's rule. */
const nearBefore = 4096;

/** Tokens that put a space at the start of a line, and the tokens that replace them in a recipe. */
interface Spaces {
  /** Tokens that begin with a space, for a position at the start of a line. */
  readonly atLineStart: readonly number[];
  readonly tab: number | undefined;
  /** Tokens that contain a line break and a space. */
  readonly behindBreak: readonly number[];
  readonly breakAndTab: number | undefined;
}

const spacesOf = new WeakMap<Tokenizer, Spaces>();

/**
 * The lines of a recipe in a makefile begin with a tab: gives a tab the probability of the spaces that
 * the network would write there.
 */
export class RecipeTabs implements LogitsProcessor {
  private readonly spaces: Spaces;
  private readonly decoder = new TextDecoder();
  private text: string;

  /** @param before the text before the generated one */
  constructor(
    private readonly tokenizer: Tokenizer,
    before: string,
  ) {
    this.spaces = spacesIn(tokenizer);
    this.text = before.slice(-nearBefore);
  }

  process(probabilities: Float32Array): Float32Array {
    const { text, spaces } = this;
    const { atLineStart, tab, behindBreak, breakAndTab } = spaces;
    let next = probabilities;
    if (text.endsWith("\n") && isInRecipe(text))
      next = moved(next, atLineStart, tab);
    if (isInRecipe(`${text}\n`)) next = moved(next, behindBreak, breakAndTab);
    return next;
  }

  accept(token: number): void {
    this.text += this.decoder.decode(bytesOf(this.tokenizer, token), {
      stream: true,
    });
  }
}

/** A copy in which `to` has the probabilities of `from` in addition; without `to` they become 0. */
function moved(
  probabilities: Float32Array,
  from: readonly number[],
  to: number | undefined,
): Float32Array {
  const next = probabilities.slice();
  for (const token of from) {
    if (to !== undefined) next[to]! += next[token]!;
    next[token] = 0;
  }
  return next;
}

function spacesIn(tokenizer: Tokenizer): Spaces {
  let known = spacesOf.get(tokenizer);
  if (known === undefined) {
    const texts = Array.from({ length: tokenizer.vocabularySize }, (_, id) =>
      Buffer.from(tokenizer.bytesOf(id)).toString("latin1"),
    );
    const where = (is: (text: string) => boolean) =>
      [...texts.keys()].filter((id) => is(texts[id]!));
    known = {
      atLineStart: where((text) => text.startsWith(" ")),
      tab: where((text) => text === "\t")[0],
      behindBreak: where((text) => text.includes("\n ")),
      breakAndTab: where((text) => text === "\n\t")[0],
    };
    spacesOf.set(tokenizer, known);
  }
  return known;
}

/** A target and its colon; `:=` assigns. */
const rule = /^[^\s#:=][^:=]*::?(?![:=])/;
/** Lines that neither begin nor end a recipe: blank, indented, comments, conditions. */
const neutral = /^(?:\s|#|$|if|else|endif)/;

/** Whether the line that follows `text`, which ends with a line break, belongs to a recipe. */
function isInRecipe(text: string): boolean {
  const lines = text.split("\n").slice(0, -1);
  // A continuation line may be indented in any way.
  if (lines.at(-1)?.endsWith("\\")) return false;
  const line = lines.findLast(
    (each) => each.startsWith("\t") || !neutral.test(each),
  );
  return line !== undefined && (line.startsWith("\t") || rule.test(line));
}
