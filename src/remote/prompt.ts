import type { TextPrompt } from "../completion/textSource";
import { lineFeeds } from "../text/lineFeeds";
import { splitsPair } from "../text/surrogates";
import type { ServerKind, ServerPrompt } from "./kind";

/** UTF-16 units of text before the position, and after it, that are sent at most. */
const maxPrefix = 6144;
const maxSuffix = 1024;
/** UTF-16 units in which a line end is looked for, so that no line is sent in part. */
const lineLength = 400;
/** Units that a token of code has at least, on average. */
const unitsPerToken = 2;

/** The word at the end of a text, with the space before it: a model's tokens begin with one. */
const halfWord = /(?:(?<=\S) )?[\p{L}\p{M}\p{N}_$]*$/u;

/**
 * What is sent of a text: a window around the place, and nothing of any other document. The window
 * starts at one line until the place has moved on by half of it, so that what the server has in its
 * cache stays of use from key to key.
 */
export function promptFor(
  { text, start, end, selectedText }: Omit<TextPrompt, "mayLeave">,
  {
    contextTokens = Infinity,
    readsSuffix,
  }: Pick<ServerKind, "contextTokens" | "readsSuffix">,
  maxTokens: number,
): ServerPrompt {
  const room = Math.max(256, (contextTokens - maxTokens) * unitsPerToken);
  const suffixLength = readsSuffix ? Math.min(maxSuffix, room / 4) : 0;
  const prefixLength = Math.min(maxPrefix, Math.floor(room - suffixLength));
  const before =
    lineFeeds(text.slice(windowStart(text, start, prefixLength), start)) +
    selectedText;
  const healed = halfWord.exec(before.slice(-64))![0];
  const cut = windowEnd(text, end, Math.floor(suffixLength));
  return {
    prefix: before.slice(0, before.length - healed.length),
    healed,
    suffix: lineFeeds(text.slice(end, cut)),
  };
}

/** Between half of `most` and `most` units before the place, behind a line end where one is near. */
function windowStart(text: string, place: number, most: number): number {
  if (place <= most) return 0;
  const step = Math.floor(most / 2);
  const from = Math.ceil((place - most) / step) * step;
  const lineEnd = text.indexOf("\n", from);
  const isNear = lineEnd >= 0 && lineEnd < Math.min(place, from + lineLength);
  if (isNear) return lineEnd + 1;
  return splitsPair(text, from) ? from + 1 : from;
}

function windowEnd(text: string, place: number, most: number): number {
  const to = place + most;
  if (to >= text.length) return text.length;
  const lineEnd = text.lastIndexOf("\n", to);
  if (lineEnd > Math.max(place, to - lineLength)) return lineEnd;
  return splitsPair(text, to) ? to - 1 : to;
}
