import type { TextPrompt } from "../completion/textSource";
import { lineFeeds } from "../text/lineFeeds";
import { splitsPair } from "../text/surrogates";
import { nameChars } from "../text/words";
import type { ServerKind, ServerPrompt } from "./kind";

/** Most UTF-16 units sent of the text before the position, and after it. */
const maxPrefix = 6144;
const maxSuffix = 1024;
/** UTF-16 units searched for a line end, so that only whole lines are sent. */
const lineLength = 400;
/** Lower bound of the average UTF-16 units of a token of code. */
const unitsPerToken = 2;

/** The word at the end of a text, with the space before it: a model's tokens begin with one. */
const halfWord = new RegExp(`(?:(?<=\\S) )?[${nameChars}]*$`, "u");

/**
 * The prompt for a position: a window of the text around it, without other documents. The start of the
 * window stays the same until the position has moved on by half the window, so that the server can use
 * its cache from key to key.
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

/** An offset between half of `most` and `most` units before the place, after a line end if one is near. */
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
