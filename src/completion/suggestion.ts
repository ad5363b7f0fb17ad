import type {
  NoSuggestionReason,
  Stop,
  SuggestionSource,
  Timings,
} from "../protocol";

/** A token of a generated text. */
export interface DecodedToken {
  /** −1 for a name that was chosen whole, and for what a completion server wrote. */
  readonly id: number;
  /** Natural logarithm of its probability among the tokens that were allowed. */
  readonly logProbability: number;
  /** Where the text ends that is there once it is decoded, a UTF-16 offset in the suggestion. */
  readonly end: number;
}

/** A part at the end of a suggestion that a rule took off, and why. */
export interface Cut {
  readonly reason: NoSuggestionReason;
  readonly text: string;
}

/** How a request was answered: with what is suggested, or with why nothing is. */
export interface Suggestion {
  /** What would be inserted at the cursor, line ends as LF; empty: nothing. */
  readonly text: string;
  readonly reason: SuggestionSource | NoSuggestionReason;
  /** Why generation ended, where one ran. */
  readonly stop?: Stop | undefined;
  /**
   * The tokens of the text; a cut may have left the last of them in part. None where a completion
   * server does not tell how likely they are.
   */
  readonly tokens: readonly DecodedToken[];
  /** What rules took off the end, in their order. */
  readonly cuts?: readonly Cut[] | undefined;
  readonly timings: Timings;
  /** What has written it, where that was not the local model. */
  readonly model?: string | undefined;
  /** Other texts for the place, the likeliest first, where the user asked for them. */
  readonly alternatives?: readonly Suggestion[];
  /** What went wrong, where the reason is "failed". */
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
  const whole = tokens.filter((token) => token.end <= end).length;
  const last = tokens[whole - 1]?.end ?? 0;
  return {
    ...suggestion,
    text: text.slice(0, end),
    tokens: tokens.slice(0, last < end ? whole + 1 : whole),
  };
}

/** Whether a suggestion begins with another one and goes on behind it. */
export function isLonger(
  { text: shorter }: Suggestion,
  { text }: Suggestion,
): boolean {
  return text.length > shorter.length && text.startsWith(shorter);
}

/** The rest of a suggestion whose first characters stand in the document already. */
export function fromOffset(
  suggestion: Suggestion,
  start: number,
  reason: SuggestionSource,
): Suggestion {
  const { alternatives: _, ...known } = suggestion;
  return {
    ...known,
    timings: noTimings,
    reason: suggestion.text === "" ? suggestion.reason : reason,
    text: suggestion.text.slice(start),
    tokens: suggestion.tokens
      .filter(({ end }) => end > start)
      .map((token) => ({ ...token, end: token.end - start })),
  };
}

/** The probability of the whole text given what stands before it, by the model: 0 … 1. */
export function confidenceOf({ tokens }: Pick<Suggestion, "tokens">): number {
  return Math.exp(
    tokens.reduce((sum, { logProbability }) => sum + logProbability, 0),
  );
}
