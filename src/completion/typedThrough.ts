import type { CompletionContext, Surroundings } from "./context";
import { fingerprint } from "./fingerprint";
import { fromOffset, type Suggestion } from "./suggestion";
import { splitsWord } from "../text/words";

/** Suggestions kept for one document; the oldest goes first. */
const maxPerDocument = 32;
/** Characters before a suggestion, and after it, by which its place is recognised. */
const beforeLength = 1024;
const afterLength = 256;

/** A text that continues another one at a position. */
export interface Continued {
  /** The text before the position. */
  readonly before: string;
  /** Whether `before` begins where the document does. */
  readonly beforeIsWhole: boolean;
  /** The text after the position. */
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

/** Whether the text after the cursor is the one for which a text was generated. */
export function hasSameAfter(known: Continued, context: Surroundings): boolean {
  return known.after === context.after.slice(0, afterLength);
}

/**
 * What is left of a text whose first characters have been typed; undefined if something else was
 * typed.
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
  text: string;
  suggestion: Suggestion;
  readonly fingerprint: string;
  /** Characters of it that were typed when the user put it away; undefined if nobody did. */
  dismissedAt: number | undefined;
  /** Up to where the user accepted it; Infinity if nobody did. What follows is still suggested. */
  acceptedUpTo: number;
  /** Characters of it that were typed when it was looked for last. */
  typed: number;
  /** See `Found`. */
  typedPast: number;
  /** Asked for by hand: it stays however sure it is. */
  readonly isByHand: boolean;
}

/** What is left of a remembered suggestion. */
export interface Found {
  readonly rest: Suggestion;
  /**
   * Whether the text after the cursor is the one it was made for: typing a bracket may have put its
   * counterpart there.
   */
  readonly sameAfter: boolean;
  /** Keys typed along with it in the present word, though it could have been taken. */
  readonly typedPast: number;
}

/** Characters that one key may have typed: an editor may close a bracket. More were accepted. */
const mostOfKey = 2;

/** Requests whose suggestions can still be put away. */
const maxRequests = 64;

/**
 * The suggestions shown last: typing through one of them costs no model call. Each is forgotten when
 * what it was made from changes.
 */
export class ShownSuggestions {
  private readonly byUri = new Map<string, Known[]>();
  /** What each of the last requests was answered with: from where to where. */
  private readonly byRequest = new Map<
    number,
    { known: Known; typed: number; end: number }
  >();

  /**
   * What is left of the latest suggestion that the text before the cursor follows, if anything.
   *
   * @param request the id of the request that asks
   */
  find(
    context: CompletionContext,
    request?: number,
  ): Found | "dismissed" | undefined {
    const { uri } = context;
    const shown = this.byUri.get(uri) ?? [];
    for (let i = shown.length - 1; i >= 0; i--) {
      const known = shown[i]!;
      const left = remainder(known, context);
      if (!left) continue;
      const typed = known.text.length - left.length;
      if (known.fingerprint !== fingerprint(context, typed)) {
        shown.splice(i, 1);
        continue;
      }
      if (known.dismissedAt !== undefined && typed < known.acceptedUpTo) {
        if (known.dismissedAt === typed) return "dismissed";
        // Something has changed: what comes next is made anew.
        shown.splice(i, 1);
        continue;
      }
      this.remember(request, known, typed);
      countTypedPast(known, typed);
      return {
        rest: fromOffset(known.suggestion, typed, "typed through"),
        sameAfter: hasSameAfter(known, context),
        typedPast: known.typedPast,
      };
    }
    return undefined;
  }

  /** @param typedPast keys typed past the same suggestion before it was made anew */
  add(
    context: CompletionContext,
    suggestion: Suggestion,
    request?: number,
    typedPast = 0,
  ): void {
    const { uri } = context;
    const shown = this.byUri.get(uri) ?? [];
    const known: Known = {
      ...continued(context, suggestion.text),
      suggestion,
      fingerprint: fingerprint(context, 0),
      dismissedAt: undefined,
      acceptedUpTo: Infinity,
      typed: 0,
      typedPast,
      isByHand: context.trigger === "invoked",
    };
    this.byUri.set(uri, [...shown.slice(1 - maxPerDocument), known]);
    this.remember(request, known, 0);
  }

  /**
   * Puts a longer text, made in the same context, in the place of a suggestion that it begins with.
   *
   * @returns the last request that was answered with the suggestion, or with what was left of it;
   *   undefined where nobody is to hear of it
   */
  lengthen(
    context: CompletionContext,
    suggestion: Suggestion,
    longer: Suggestion,
  ): number | undefined {
    const known = this.byUri
      .get(context.uri)
      ?.find((each) => each.suggestion === suggestion);
    if (known === undefined) return undefined;
    const isHidden = known.dismissedAt !== undefined;
    if (isHidden && known.acceptedUpTo === Infinity) return undefined;
    known.suggestion = longer;
    known.text = longer.text;
    return [...this.byRequest].findLast(
      ([, each]) => each.known === known,
    )?.[0];
  }

  /**
   * Keeps quiet with the suggestion of a request where it was shown, until something changes there:
   * the user has hidden it.
   */
  dismiss(request: number): void {
    const shown = this.byRequest.get(request);
    if (shown !== undefined) shown.known.dismissedAt = shown.typed;
  }

  /** The same where the user has accepted it; what has come behind it is there at once. */
  accept(request: number): void {
    this.dismiss(request);
    const shown = this.byRequest.get(request);
    if (shown !== undefined) shown.known.acceptedUpTo = shown.end;
  }

  private remember(
    request: number | undefined,
    known: Known,
    typed: number,
  ): void {
    if (request === undefined) return;
    this.byRequest.set(request, { known, typed, end: known.text.length });
    const [oldest] = this.byRequest.keys();
    if (this.byRequest.size > maxRequests) this.byRequest.delete(oldest!);
  }

  forget(uri: string): void {
    this.byUri.delete(uri);
  }

  clear(): void {
    this.byUri.clear();
    this.byRequest.clear();
  }
}

/** Notes how far a suggestion is typed now, and how many keys of that were typed past it. */
function countTypedPast(known: Known, typed: number): void {
  const added = typed - known.typed;
  if (added === 0) return;
  const isPast = splitsWord(known.text, typed) && !known.isByHand;
  if (!isPast || added > mostOfKey) known.typedPast = 0;
  else if (added > 0) known.typedPast++;
  known.typed = typed;
}
