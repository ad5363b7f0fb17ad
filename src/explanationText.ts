/** A suggestion's explanation in words, for pages and for clients that have none. */
import type { Translate } from "./messages";
import type { Explanation, SourcePlace, TokenSource } from "./protocol";

export const tokenSources: readonly TokenSource[] = [
  "network",
  "this file",
  "another file",
  "library",
  "idiom",
  "similar place",
];

/** What a source is called. */
export function sourceText(source: TokenSource, t: Translate): string {
  switch (source) {
    case "network":
      return t("network");
    case "this file":
      return t("this file");
    case "another file":
      return t("another file");
    case "library":
      return t("library");
    case "idiom":
      return t("common idiom");
    case "similar place":
      return t("similar place");
  }
}

/** Why a rule took something off the end of a suggestion. */
export function cutText(reason: string, t: Translate): string {
  switch (reason) {
    case "repeats what follows":
      return t("it repeats what follows the cursor");
    case "repetition":
      return t("it repeats itself");
    case "syntax error":
      return t("it would be a syntax error");
    case "unbalanced":
      return t("its brackets would not fit");
    default:
      return t("only one line fits here");
  }
}

/**
 * How long the suggestion took.
 *
 * @param locale how numbers are written
 */
export function timesText(
  { reason, ms, timings }: Explanation,
  t: Translate,
  locale: string,
): string {
  const number = (n: number) =>
    n.toLocaleString(locale, { maximumFractionDigits: n < 10 ? 1 : 0 });
  if (reason !== "generated")
    return t("{0} ms; it was known from an earlier key.", number(ms));
  return t(
    "{0} ms: {1} tokens read in {2} ms, {3} written in {4} ms.",
    number(ms),
    number(timings.prefillTokens),
    number(timings.prefillMs),
    number(timings.decodeTokens),
    number(timings.decodeMs),
  );
}

/** File and line of a place, the line counted from 1. */
export function placeText({ uri, position }: SourcePlace): string {
  const name = decodeURIComponent(uri.split("/").at(-1) ?? uri);
  return `${name}:${position.line + 1}`;
}
