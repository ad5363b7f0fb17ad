import type { Suggestions } from "../../protocol";
import { nameChars } from "../../text/words";
import { dayOf, latencyPart, noCounts, type Row } from "./counts";

/**
 * A suggestion that the editor was given, or that another setting would have given it. Its text is
 * compared with the document and never saved.
 */
export interface Offer {
  /** Id of the request. */
  readonly id: number;
  readonly uri: string;
  /** UTF-16 offset in the document at which the text begins. */
  readonly offset: number;
  readonly text: string;
  readonly languageId: string;
  readonly model: string;
  /** Milliseconds from the request to its answer. */
  readonly ms: number;
  /** Whether it is the rest of the previous suggestion after the user has typed its first characters. */
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

/** Milliseconds between a suggestion and its comparison with the document. */
const settlingTime = 60_000;
/** Most suggestions that wait for the comparison; beyond that, the oldest are not compared. */
const mostWaiting = 500;

/** A suggestion that waits for the comparison. */
interface Waiting {
  offer: Offer;
  /** When it was offered, in milliseconds since 1970. */
  readonly since: number;
  /** UTF-16 offset at which its text begins now; undefined once an edit has replaced that position. */
  start: number | undefined;
  /** UTF-16 code units of it that are already in the document, as far as is known. */
  typed: number;
  /** UTF-16 code units from its start to the end of the last accepted part; 0: nothing was accepted. */
  acceptedUpTo: number;
  /** Whether it was accepted to its end. */
  isWhole: boolean;
  /** Ids of all requests that it answered: the accepted text may be that of an earlier one. */
  readonly ids: Set<number>;
  /** The settings for which it counts. */
  readonly counted: readonly Suggestions[];
  /** Those, and the settings that had shown it before already. */
  readonly shownBy: ReadonlySet<Suggestions>;
}

/**
 * Follows each suggestion through later edits and counts whether it was accepted and whether it was
 * right. The editor reports only that a suggestion was accepted to its end. That a part was accepted is
 * inferred from an edit that inserts the suggestion's next characters, two or more at once.
 */
export class Offers {
  private waiting: Waiting[] = [];

  /**
   * @param count called for each event, with a row that has the counts of that event alone
   * @param now milliseconds since 1970
   */
  constructor(
    private readonly count: (row: Row) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Adds a suggestion, or the rest or a longer text of the document's last one. */
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

  /** Counts a request without a suggestion because its confidence was too low. */
  withheld(languageId: string, model: string): void {
    this.add({ languageId, model }, (row) => (row.withheld = 1));
  }

  /** Counts the acceptance of a suggestion to its end. @param id of the request */
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

  /** Applies an edit of a document. @param changes of one event of the editor */
  changed(uri: string, changes: readonly Change[]): void {
    for (const waiting of this.waiting) {
      if (waiting.offer.uri !== uri) continue;
      if (changes.length === 1) this.recordAcceptedPart(waiting, changes[0]!);
      for (const change of changes) move(waiting, change);
    }
  }

  /** Drops the suggestions of a closed document: there is no text to compare them with. */
  closed(uri: string): void {
    this.waiting = this.waiting.filter(({ offer }) => offer.uri !== uri);
  }

  /**
   * Compares the suggestions that have waited for {@link settlingTime} with their documents.
   *
   * @param textAfter returns a document's text from an offset on, `length` UTF-16 code units of it or
   *   all that there are; undefined if the document is not open
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
          : // A formatter may have added white space.
            textAfter(offer.uri, start, 2 * offer.text.length + 200);
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
    // If the whole rest was accepted, the editor runs the suggestion's command, which `accepted` counts.
    if (!rest.startsWith(text) || text.length === rest.length) return;
    waiting.typed += text.length;
    // A single character was typed; a part of what is not shown was typed or pasted.
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
const firstWord = new RegExp(
  String.raw`^\s*(?:[${nameChars}]+|[^${nameChars}\s]*)`,
  "u",
);

/**
 * Replaces the text of a waiting suggestion by a longer one, if the offer is the rest of it with more
 * text at its end; returns whether it is.
 */
function lengthen(waiting: Waiting, { id, offset, text }: Offer): boolean {
  const { offer, start, typed, isWhole } = waiting;
  const isThere = start !== undefined && start + typed === offset && !isWhole;
  if (!isThere || !text.startsWith(offer.text.slice(typed))) return false;
  waiting.offer = { ...offer, text: offer.text.slice(0, typed) + text };
  waiting.ids.add(id);
  return true;
}

/** Moves the start of a suggestion with an edit before it; an edit across it makes it undefined. */
function move(waiting: Waiting, { offset, length, text }: Change): void {
  const { start } = waiting;
  if (start === undefined) return;
  if (offset + length <= start && offset < start)
    waiting.start = start + text.length - length;
  else if (offset < start) waiting.start = undefined;
}

/** Whether `text` begins with `part` if all white space is removed, which a formatter may have changed. */
function startsWithWords(text: string, part: string): boolean {
  const bare = (from: string) => from.replace(/\s+/g, "");
  return bare(text).startsWith(bare(part));
}
