import type { LanguageModel } from "../engine/model";
import type { Followed } from "../state/tokenVectors";
import { lineFeeds } from "../text/lineFeeds";
import { detachString } from "../tokenizer/detachString";
import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import { Reading } from "./reading";

/** Tokens of a suffix that are read, from its start. */
export const suffixTokens = 1024;
/** UTF-16 units in which so many tokens are looked for. */
const suffixChars = 8 * suffixTokens;
/** Number of suffixes whose vectors are kept, the latest used: a cursor goes to other places and back. */
const mostKept = 16;

/** The text behind the line of a document's cursor. */
interface Suffix {
  readonly key: string;
  /** Its first units. */
  readonly text: string;
  /** Absent until it is read. */
  reading?: Reading | undefined;
}

/**
 * The vectors of the text behind the cursor's line of each document, which the network reads by itself.
 * While lines are typed it stays as it is, so that it is read once for each place where text is written.
 */
export class SuffixVectors {
  /** In order of use, the latest last. */
  private suffixes: readonly Suffix[] = [];

  constructor(
    private readonly network: LanguageModel,
    private readonly tokenizer: Tokenizer,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    let bytes = 0;
    for (const { reading } of this.suffixes) bytes += reading?.bytes ?? 0;
    return bytes;
  }

  /**
   * Sets a document's suffix.
   *
   * @param suffix from the end of the cursor's line on
   */
  update(key: string, suffix: string): void {
    const text = lineFeeds(suffix.slice(0, suffixChars)).replace(/^\n/, "");
    const known = this.suffixes.find(
      (other) => other.key === key && other.text === text,
    );
    const others = this.suffixes.filter((other) => other !== known);
    const latest = known ?? { key, text: detachString(text) };
    this.suffixes = [...others, latest].slice(-mostKept);
  }

  /** The vectors of a document's suffix; undefined until all that is read of it has been read. */
  of(key: string): Followed | undefined {
    return this.latest(key)?.reading?.followed;
  }

  /**
   * Reads the first tokens of a document's suffix. If it is aborted, the next call continues from there.
   *
   * @param start tokens before a text
   * @throws the signal's reason when it is aborted
   */
  async read(
    key: string,
    start: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    const suffix = this.latest(key);
    if (suffix === undefined || this.network.vectorWidth === undefined) return;
    // The path may have changed, or another cell of the notebook may have the same text.
    if (suffix.reading?.startsWith(start) === false) suffix.reading = undefined;
    suffix.reading ??= new Reading(
      this.network,
      start,
      encode(this.tokenizer, bytesOfText(suffix.text), suffixTokens),
    );
    await suffix.reading.read(signal);
  }

  /** Forgets a document. */
  forget(key: string): void {
    this.suffixes = this.suffixes.filter((suffix) => suffix.key !== key);
  }

  private latest(key: string): Suffix | undefined {
    return this.suffixes.findLast((suffix) => suffix.key === key);
  }
}
