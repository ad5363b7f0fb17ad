import type { Suggestions } from "../../protocol";
import { dayOf, latencyPart, noCounts, type Row } from "./counts";

/**
 * A suggestion as it was given to the editor, or as another setting would have given it. Its text is
 * compared with the document and never kept.
 */
export interface Offer {
  readonly id: number;
  readonly uri: string;
  /** UTF-16 offset in the document at which the text begins. */
  readonly offset: number;
  readonly text: string;
  readonly languageId: string;
  readonly model: string;
  /** Milliseconds until the answer. */
  readonly ms: number;
  /** Whether it is the rest of the one before, whose first characters were typed. */
  readonly isRest: boolean;
  /** The values of `rwkv.suggestions` that show it, as far as that is known. */
  readonly settings?: readonly Suggestions[];
  /** Whether the present setting does not. */
  readonly isWithheld?: boolean;
}

/** One change of a document: `length` UTF-16 code units at `offset` became `text`. */
export interface Change {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** Milliseconds after which a suggestion is compared with the document. */
export const settlingTime = 60_000;
/** Suggestions that wait to be compared; if there are more, the oldest are dropped. */
const mostWaiting = 500;

/** A suggestion that waits to be compared. */
interface Waiting {
  offer: Offer;
  readonly since: number;
  /** Where its text begins now; undefined once that place was overwritten. */
  start: number | undefined;
  /** What of it stands in the document already, in UTF-16 code units, as far as is known. */
  typed: number;
  /** Its first part that was accepted, in UTF-16 code units. */
  acceptedUpTo: number;
  isWhole: boolean;
  /** Those of its requests: the editor may show what an earlier one brought. */
  readonly ids: Set<number>;
  /** The settings for which it counts. */
  readonly counted: readonly Suggestions[];
  /** Those, and the settings that had shown it before already. */
  readonly shownBy: ReadonlySet<Suggestions>;
}

/**
 * Follows suggestions through the edits after them and says what became of each. The editor tells
 * of a whole acceptance only; that of a part is inferred from the edit: an insertion of two
 * characters or more, at once, that the suggestion goes on with.
 */
export class Offers {
  private waiting: Waiting[] = [];

  /** @param count told each figure once, as a row with nothing else in it */
  constructor(
    private readonly count: (row: Row) => void,
    private readonly now: () => number = Date.now,
  ) {}

  offer(offer: Offer): void {
    const before = this.waiting.findLast(
      ({ offer: { uri, isWithheld } }) => uri === offer.uri && !isWithheld,
    );
    if (offer.isRest && before?.start !== undefined) {
      const typed = before.offer.text.length - offer.text.length;
      if (typed >= 0 && before.offer.text.endsWith(offer.text)) {
        before.typed = typed;
        before.ids.add(offer.id);
        return;
      }
      if (lengthen(before, offer)) return;
    }
    const { settings = [], isWithheld = false } = offer;
    const known = this.shownBefore(offer);
    const counted = settings.filter((setting) => !known.has(setting));
    if (isWithheld && counted.length === 0) return;
    if (this.waiting.length >= mostWaiting) this.waiting.shift();
    this.waiting.push({
      offer,
      since: this.now(),
      start: offer.offset,
      typed: 0,
      acceptedUpTo: 0,
      isWhole: false,
      ids: new Set([offer.id]),
      counted,
      shownBy: new Set([...known, ...settings]),
    });
    this.add(offer, (row) => {
      for (const setting of counted) row.settings[setting].shown = 1;
      if (isWithheld) return;
      row.offered = 1;
      row.latency[latencyPart(offer.ms)] = 1;
    });
  }

  /** The settings that have shown this suggestion already, of which a part was typed since. */
  private shownBefore({ uri, offset, text }: Offer): ReadonlySet<Suggestions> {
    const before = this.waiting.findLast(({ offer }) => offer.uri === uri);
    if (before?.start === undefined || before.start + before.typed !== offset)
      return new Set();
    const left = before.offer.text.slice(before.typed);
    const isSame = left.startsWith(text) || text.startsWith(left);
    return left !== "" && isSame ? before.shownBy : new Set();
  }

  /** A request was answered with nothing for want of confidence. */
  withheld(languageId: string, model: string): void {
    this.add({ languageId, model }, (row) => (row.withheld = 1));
  }

  accepted(id: number): void {
    const found = this.waiting.findLast(({ ids }) => ids.has(id));
    if (found === undefined || found.isWhole) return;
    const characters = found.offer.text.length - found.typed;
    found.isWhole = true;
    found.acceptedUpTo = found.offer.text.length;
    found.typed = found.acceptedUpTo;
    this.add(found.offer, (row) => {
      row.accepted = 1;
      row.characters = characters;
      row.keys = Math.max(0, characters - 1);
    });
  }

  changed(uri: string, changes: readonly Change[]): void {
    for (const waiting of this.waiting) {
      if (waiting.offer.uri !== uri) continue;
      if (changes.length === 1) this.recordAcceptedPart(waiting, changes[0]!);
      for (const change of changes) move(waiting, change);
    }
  }

  /** The document is gone, and with it what could be compared. */
  closed(uri: string): void {
    this.waiting = this.waiting.filter(({ offer }) => offer.uri !== uri);
  }

  /**
   * Compares those whose minute is over with their documents.
   *
   * @param textAfter a document's text from an offset on, of at least so many UTF-16 code units
   *   where there are as many; undefined if it is not open
   */
  settle(
    textAfter: (
      uri: string,
      offset: number,
      length: number,
    ) => string | undefined,
  ): void {
    while (
      this.waiting[0] !== undefined &&
      this.now() - this.waiting[0].since >= settlingTime
    ) {
      const { offer, start, acceptedUpTo, counted } = this.waiting.shift()!;
      // Where its place was overwritten, nothing of it is there.
      const text =
        start === undefined
          ? ""
          : textAfter(offer.uri, start, 2 * offer.text.length + 200);
      if (text === undefined) continue;
      const isThere = (part: string) => startsWithWords(text, part);
      this.add(offer, (row) => {
        const isRight = isThere(firstWord.exec(offer.text)![0]);
        for (const setting of counted) {
          row.settings[setting].compared = 1;
          row.settings[setting].right = isRight ? 1 : 0;
        }
        if (!offer.isWithheld && isThere(offer.text)) row.right = 1;
        if (acceptedUpTo > 0 && isThere(offer.text.slice(0, acceptedUpTo)))
          row.kept = 1;
      });
    }
  }

  private recordAcceptedPart(waiting: Waiting, change: Change): void {
    const { offer, start, typed, isWhole } = waiting;
    if (start === undefined || isWhole) return;
    if (change.length !== 0 || change.offset !== start + typed) return;
    const rest = offer.text.slice(typed);
    const { text } = change;
    // The suggestion's command tells when the whole rest is accepted.
    if (!rest.startsWith(text) || text.length === rest.length) return;
    waiting.typed += text.length;
    // One character is a key; what is not on screen is typed, or pasted.
    if (text.length < 2 || offer.isWithheld) return;
    const isFirst = waiting.acceptedUpTo === 0;
    waiting.acceptedUpTo = waiting.typed;
    this.add(offer, (row) => {
      if (isFirst) row.acceptedInPart = 1;
      row.characters = text.length;
      row.keys = text.length - 1;
    });
  }

  private add(
    { languageId, model }: Pick<Offer, "languageId" | "model">,
    fill: (row: Row) => void,
  ): void {
    const row = { day: dayOf(this.now()), languageId, model, ...noCounts() };
    fill(row);
    this.count(row);
  }
}

/** The first word of a suggestion, or what stands there in its place. */
const firstWord = /^\s*(?:[\p{L}\p{N}_$]+|[^\p{L}\p{N}_$\s]*)/u;

/** Whether an offer is what is left of another and goes on behind it; then it takes its place. */
function lengthen(waiting: Waiting, { id, offset, text }: Offer): boolean {
  const { offer, start, typed, isWhole } = waiting;
  const isThere = start !== undefined && start + typed === offset && !isWhole;
  if (!isThere || !text.startsWith(offer.text.slice(typed))) return false;
  waiting.offer = { ...offer, text: offer.text.slice(0, typed) + text };
  waiting.ids.add(id);
  return true;
}

function move(waiting: Waiting, { offset, length, text }: Change): void {
  const { start } = waiting;
  if (start === undefined) return;
  if (offset + length <= start && offset < start)
    waiting.start = start + text.length - length;
  else if (offset < start) waiting.start = undefined;
}

/** Whether a text begins with another, white space apart: a formatter may have been at work. */
function startsWithWords(text: string, part: string): boolean {
  const bare = (from: string) => from.replace(/\s+/g, "");
  return bare(text).startsWith(bare(part));
}
