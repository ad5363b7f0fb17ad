import type { Syntax } from "../syntax/syntax";
import { wordChars } from "../text/words";

/** Milliseconds for checking one text together with its shorter parts. */
const timeLimits = { automatic: 4, invoked: 12 };

/** Ends of words, brackets and other signs: where a text may be cut. */
const cutPlaces = new RegExp(
  `[${wordChars}](?![${wordChars}])|[^${wordChars}\\s]`,
  "gu",
);

/** How much of a text may be inserted without a syntax error; undefined if that is not known. */
export type Fits = (text: string) => number | undefined;

/**
 * Checks texts by the parser and remembers the results.
 *
 * @param start offset of the replaced text
 * @param end offset after it
 * @param selectedText inserted before each text
 * @param trigger a check for a request by hand may take longer
 */
export function fitsAt(
  syntax: Syntax,
  start: number,
  end: number,
  selectedText: string,
  trigger: keyof typeof timeLimits,
): Fits {
  const known = new Map<string, number | undefined>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    const whole = selectedText + text;
    const cuts = [...text.matchAll(cutPlaces)].map(
      ({ 0: found, index }) => selectedText.length + index + found.length,
    );
    const edit = { start, end, text: whole };
    const length = syntax.fitting(edit, cuts, timeLimits[trigger]);
    const fitting =
      length === undefined
        ? undefined
        : Math.max(0, length - selectedText.length);
    known.set(text, fitting);
    return fitting;
  };
}
