import {
  surroundingsAt,
  type CompletionContext,
  type Surroundings,
} from "./context";
import { fingerprint } from "./fingerprint";
import { fromOffset, type Suggestion } from "./suggestion";
import { splitsWord } from "../text/words";

/** Suggestions kept for one document; the oldest is dropped first. */
const maxPerDocument = 32;
/** Characters before and after a suggestion by which its position is recognised. */
const beforeLength = 1024;
const afterLength = 256;

/** A text generated at a position, with the text around that position. */
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
 * The rest of a generated text whose first characters have been typed; undefined if something else was
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

/** A suggestion and the position it was made for. */
interface Known extends Continued {
  text: string;
  suggestion: Suggestion;
  readonly fingerprint: string;
  /** Number of its characters typed when the user hid it; undefined if the user did not. */
  dismissedAt: number | undefined;
  /** Offset up to which the user accepted it; Infinity if not accepted. The rest is still suggested. */
  acceptedUpTo: number;
  /** Number of its characters typed at the last look-up. */
  typed: number;
  /** See `Found`. */
  typedPast: number;
  /** Whether it was requested by hand: then it is shown at any confidence. */
  readonly isByHand: boolean;
}

/** The part of a suggestion, from `typed` to `end`, that answered a request. */
interface Answered {
  readonly known: Known;
  readonly typed: number;
  end: number;
  /** Given if an item of the list of completions was selected. */
  readonly unlisted: Unlisted | undefined;
}

/** The place at which a suggestion begins that extends an item of the list, before the item is chosen. */
interface Unlisted extends Continued {
  readonly uri: string;
  readonly fingerprint: string;
}

/** The rest of a remembered suggestion. */
export interface Found {
  readonly rest: Suggestion;
  /**
   * Whether the text after the cursor is unchanged; when the user types a bracket, the editor may have
   * inserted its counterpart.
   */
  readonly sameAfter: boolean;
  /** Number of its letters typed in the present word although it could have been accepted. */
  readonly typedPast: number;
}

/** Most characters that one key adds (the editor may close a bracket). More mean an acceptance. */
const mostOfKey = 2;

/** Number of latest requests whose suggestions can be dismissed or accepted. */
const maxRequests = 64;

/**
 * The suggestions shown last: typing through one of them needs no run of the network. Each is forgotten
 * when its inputs change.
 */
export class ShownSuggestions {
  private readonly byUri = new Map<string, Known[]>();
  /** What answered each of the last requests. */
  private readonly byRequest = new Map<number, Answered>();

  /**
   * The rest of the latest suggestion whose first characters stand before the cursor.
   *
   * @param request the id of the request that asks
   */
  find(
    context: CompletionContext,
    request?: number,
  ): Found | "dismissed" | undefined {
    const seen = this.look(context);
    if (seen === undefined || seen === "dismissed") return seen;
    const { known, typed } = seen;
    this.remember(request, context, known, typed);
    known.typedPast = seen.found.typedPast;
    known.typed = typed;
    return seen.found;
  }

  /** What `find` would give; keys that were typed are not counted. */
  peek(context: CompletionContext): Found | "dismissed" | undefined {
    const seen = this.look(context);
    return seen === "dismissed" ? seen : seen?.found;
  }

  private look(
    context: CompletionContext,
  ): { known: Known; typed: number; found: Found } | "dismissed" | undefined {
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
        // The text has changed since it was hidden: the next suggestion is generated anew.
        shown.splice(i, 1);
        continue;
      }
      const found = {
        rest: fromOffset(known.suggestion, typed, "typed through"),
        sameAfter: hasSameAfter(known, context),
        typedPast: typedPastAt(known, typed),
      };
      return { known, typed, found };
    }
    return undefined;
  }

  /** @param typedPast letters typed past the same suggestion before it was generated again */
  add(
    context: CompletionContext,
    suggestion: Suggestion,
    request?: number,
    typedPast = 0,
  ): void {
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
    this.keep(context.uri, known);
    this.remember(request, context, known, 0);
  }

  /** Tells which part of a request's suggestion is shown, where that is not all of it. */
  show(request: number | undefined, { text }: Suggestion): void {
    const shown = request === undefined ? request : this.byRequest.get(request);
    if (shown !== undefined) shown.end = shown.typed + text.length;
  }

  /**
   * Replaces a suggestion by a longer one of the same context that begins with it.
   *
   * @returns the last request that was answered with the suggestion or its rest; undefined if the client
   *   need not hear of it
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
   * The user has hidden a request's suggestion: it is not shown at that position until the text changes
   * there.
   */
  dismiss(request: number): void {
    const shown = this.byRequest.get(request);
    if (shown !== undefined) shown.known.dismissedAt = shown.typed;
  }

  /** The user has accepted a request's suggestion; a longer part of it is shown at once. */
  accept(request: number): void {
    this.dismiss(request);
    const shown = this.byRequest.get(request);
    if (shown === undefined) return;
    const { known, typed, end, unlisted } = shown;
    known.acceptedUpTo = end;
    if (unlisted === undefined) return;
    // An undo takes the item away, too.
    const text = unlisted.text + known.text.slice(typed, end);
    this.keep(unlisted.uri, {
      ...known,
      ...unlisted,
      text,
      suggestion: { ...known.suggestion, text },
      dismissedAt: 0,
      acceptedUpTo: Infinity,
      typed: 0,
    });
  }

  private keep(uri: string, known: Known): void {
    const shown = this.byUri.get(uri) ?? [];
    this.byUri.set(uri, [...shown.slice(1 - maxPerDocument), known]);
  }

  private remember(
    request: number | undefined,
    context: CompletionContext,
    known: Known,
    typed: number,
  ): void {
    if (request === undefined) return;
    const unlisted = withoutItem(context);
    const end = known.text.length;
    this.byRequest.set(request, { known, typed, end, unlisted });
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

/** The place without the selected item, and what the item adds there; undefined where there is none. */
function withoutItem(context: CompletionContext): Unlisted | undefined {
  const { uri, languageId, text, start, offset, selectedText } = context;
  const typed = text.slice(start, offset);
  if (selectedText === "" || !selectedText.startsWith(typed)) return undefined;
  const place = { ...context, start: offset, end: offset, selectedText: "" };
  return {
    ...continued(
      surroundingsAt(languageId, text, offset),
      selectedText.slice(typed.length),
    ),
    uri,
    fingerprint: fingerprint(place, 0),
  };
}

/** How many keys were typed past a suggestion of which so many characters are typed now. */
function typedPastAt(known: Known, typed: number): number {
  const added = typed - known.typed;
  if (added === 0) return known.typedPast;
  const isPast = splitsWord(known.text, typed) && !known.isByHand;
  if (!isPast || added > mostOfKey) return 0;
  return known.typedPast + Number(added > 0);
}
