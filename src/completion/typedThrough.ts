import type { Surroundings } from "./context";
import { fromOffset, type Suggestion } from "./suggestion";

/** Suggestions kept for one document; the oldest goes first. */
const maxPerDocument = 32;
/** Characters before a suggestion, and after it, by which its place is recognised. */
const beforeLength = 1024;
const afterLength = 256;

/** A text that continues a place. */
export interface Continued {
  /** What stands before the place. */
  readonly before: string;
  /** Whether the document starts where `place` does. */
  readonly beforeIsWhole: boolean;
  /** What stands after it. */
  readonly after: string;
  readonly text: string;
}

export function continued(context: Surroundings, text: string): Continued {
  return {
    before: context.before.slice(-beforeLength),
    beforeIsWhole:
      context.beforeIsWhole && context.before.length <= beforeLength,
    after: context.after.slice(0, afterLength),
    text,
  };
}

/** Whether what stands after a continuation is what stood there when it was made. */
export function hasSameAfter(known: Continued, context: Surroundings): boolean {
  return known.after === context.after.slice(0, afterLength);
}

/**
 * What is left of a continuation once its first characters have been typed; undefined if something
 * else was. Places are told by the text before them, so edits elsewhere do no harm.
 */
export function remainder(
  known: Continued,
  context: Surroundings,
): string | undefined {
  const { text } = known;
  const { before } = context;
  for (let typed = Math.min(text.length, before.length); typed >= 0; typed--) {
    const end = before.length - typed;
    if (end < known.before.length) continue;
    if (
      known.beforeIsWhole &&
      !(context.beforeIsWhole && end === known.before.length)
    )
      continue;
    if (
      before.startsWith(text.slice(0, typed), end) &&
      before.endsWith(known.before, end)
    ) {
      return text.slice(typed);
    }
  }
  return undefined;
}

/** A suggestion and where it was made. */
interface Known extends Continued {
  readonly suggestion: Suggestion;
}

/** The suggestions shown of late: typing through one of them costs no model call. */
export class ShownSuggestions {
  private readonly byUri = new Map<string, Known[]>();

  /**
   * What is left of the latest suggestion that the text before the cursor follows, if anything.
   * `sameAfter` tells whether the text after the cursor is the one it was made for: typing a
   * bracket may have put its counterpart there.
   */
  find(
    uri: string,
    context: Surroundings,
  ): { rest: Suggestion; sameAfter: boolean } | undefined {
    const shown = this.byUri.get(uri) ?? [];
    for (let i = shown.length - 1; i >= 0; i--) {
      const known = shown[i]!;
      const left = remainder(known, context);
      if (!left) continue;
      const typed = known.text.length - left.length;
      return {
        rest: fromOffset(known.suggestion, typed, "typed through"),
        sameAfter: hasSameAfter(known, context),
      };
    }
    return undefined;
  }

  add(uri: string, context: Surroundings, suggestion: Suggestion): void {
    const shown = this.byUri.get(uri) ?? [];
    this.byUri.set(uri, [
      ...shown.slice(1 - maxPerDocument),
      { ...continued(context, suggestion.text), suggestion },
    ]);
  }

  forget(uri: string): void {
    this.byUri.delete(uri);
  }

  clear(): void {
    this.byUri.clear();
  }
}
