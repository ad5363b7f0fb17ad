import type {
  NoSuggestionReason,
  Stop,
  Suggestions,
  SuggestionSource,
  Timings,
} from "../protocol";

/** A token of a generated text. */
export interface DecodedToken {
  /** −1 for a name that was chosen whole, and for text of a completion server. */
  readonly id: number;
  /** Natural logarithm of its probability among the tokens that were allowed. */
  readonly logProbability: number;
  /** Length of the suggestion's text up to and with this token, in UTF-16 units. */
  readonly end: number;
  /** Set for a name that stands nowhere (`MinConfidence.newWord`). */
  readonly isNewWord?: boolean;
}

/** A text that was not likely enough to be shown. */
export interface Withheld {
  readonly text: string;
  /** The values of `rwkv.suggestions` that show it, as far as is known (`settingsShowing.ts`). */
  readonly settings: readonly Suggestions[];
}

/** A part at the end of a suggestion that a rule took off, and why. */
export interface Cut {
  readonly reason: NoSuggestionReason;
  readonly text: string;
}

/** The answer to a request: a suggested text, or the reason why there is none. */
export interface Suggestion {
  /** The text to insert at the cursor, line ends as LF; empty if nothing is suggested. */
  readonly text: string;
  readonly reason: SuggestionSource | NoSuggestionReason;
  /** Why generation ended; absent if none ran. */
  readonly stop?: Stop | undefined;
  /**
   * The tokens of the text; a cut may go through the last of them. Empty if a completion server sends no
   * probabilities.
   */
  readonly tokens: readonly DecodedToken[];
  /** What the rules cut off the end, in the order of the rules. */
  readonly cuts?: readonly Cut[] | undefined;
  readonly timings: Timings;
  /**
   * With the reason "not sure enough": tells what another setting would have shown, for which the rules
   * are run once more.
   */
  readonly withheld?: (() => Withheld | undefined) | undefined;
  /** Name of the completion server's model; absent for the local model. */
  readonly model?: string | undefined;
  /** Other suggestions for the position, the likeliest first, if the user asked for them. */
  readonly alternatives?: readonly Suggestion[];
  /** The error, if the reason is "failed". */
  readonly error?: unknown;
}

export const noTimings: Timings = {
  prefillTokens: 0,
  prefillMs: 0,
  decodeTokens: 0,
  decodeMs: 0,
};

/** No suggestion, and why. */
export function silent(
  reason: NoSuggestionReason,
  details: Partial<Suggestion> = {},
): Suggestion {
  return { timings: noTimings, ...details, text: "", tokens: [], reason };
}

/** The first part of a suggestion, up to an offset in its text. */
export function upTo(suggestion: Suggestion, end: number): Suggestion {
  const { text, tokens } = suggestion;
  if (end >= text.length) return suggestion;
  return {
    ...suggestion,
    text: text.slice(0, end),
    tokens: tokensUpTo(tokens, end),
  };
}

/** The tokens of the first part of a text, up to an offset that may lie within the last of them. */
export function tokensUpTo(
  tokens: readonly DecodedToken[],
  end: number,
): readonly DecodedToken[] {
  const whole = tokens.filter((token) => token.end <= end).length;
  const last = tokens[whole - 1]?.end ?? 0;
  return tokens.slice(0, last < end ? whole + 1 : whole);
}

/** Whether a suggestion begins with another one and goes on behind it. */
export function isLonger(
  { text: shorter }: Suggestion,
  { text }: Suggestion,
): boolean {
  return text.length > shorter.length && text.startsWith(shorter);
}

/** The rest of a suggestion after its first `start` characters, which the user has typed. */
export function fromOffset(
  suggestion: Suggestion,
  start: number,
  reason: SuggestionSource,
): Suggestion {
  const { alternatives: _, withheld, ...known } = suggestion;
  const rest = (whole: Withheld | undefined) =>
    whole && { ...whole, text: whole.text.slice(start) };
  return {
    ...known,
    ...(withheld && { withheld: () => rest(withheld()) }),
    timings: noTimings,
    reason: suggestion.text === "" ? suggestion.reason : reason,
    text: suggestion.text.slice(start),
    tokens: suggestion.tokens
      .filter(({ end }) => end > start)
      .map((token) => ({ ...token, end: token.end - start })),
  };
}

/** The model's probability of the whole text after the prompt: 0 … 1. */
export function confidenceOf({ tokens }: Pick<Suggestion, "tokens">): number {
  return Math.exp(
    tokens.reduce((sum, { logProbability }) => sum + logProbability, 0),
  );
}
