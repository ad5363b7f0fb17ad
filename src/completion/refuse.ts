import { isLanguageOn, type NoSuggestionReason } from "../protocol";
import { splitsGrapheme } from "../text/graphemes";
import { splitsPair } from "../text/surrogates";
import { wordChars } from "../text/words";
import type { CompletionContext, DocumentInfo } from "./context";

/** A line with more characters before the cursor is data, not something a user types. */
const longLine = 10_000;

/** Characters before and after the cursor in which a NUL means that the file is binary. */
const binaryBefore = 256 * 1024;
const binaryAfter = 8 * 1024;

/** Most characters of a selected item: its text is decoded again, which takes too many steps beyond. */
const longItem = 256;

const wordStart = new RegExp(`^[${wordChars}]`, "u");
const wordEnd = new RegExp(`[${wordChars}]$`, "u");

/** Why a document is not completed, wherever the cursor stands; undefined if it is. */
export function refuseDocument(
  document: DocumentInfo,
): NoSuggestionReason | undefined {
  const { settings, languageId } = document;
  if (!settings.enable) return "off";
  if (!isLanguageOn(settings.languages, languageId)) return "language off";
  return document.refusedAccess;
}

/** Why nothing is suggested for this request; undefined to go on. */
export function refuse(
  context: CompletionContext,
): NoSuggestionReason | undefined {
  return refuseDocument(context) ?? refusePlace(context);
}

function refusePlace(
  context: CompletionContext,
): NoSuggestionReason | undefined {
  const { text, offset, start, end, selectedText, before, after, lineSuffix } =
    context;
  const automatic = context.trigger === "automatic";
  if (isBinary(text, offset)) return "binary";
  if (splitsPair(text, start) || splitsPair(text, end))
    return "inside a character";
  if (start > offset || end < offset || selectedText.length > longItem)
    return "selected item";
  if (automatic && context.linePrefix.length > longLine) return "line too long";
  if (splitsGrapheme(before, after)) return "inside a character";
  // A suggestion within a word would split the word or repeat its end.
  const isBeforeWord = wordStart.test(lineSuffix);
  if (isBeforeWord && (automatic || wordEnd.test(before))) return "mid-word";
  // The command may ask for the first line of a new file: the model knows the file's name.
  if (before.trim() === "" && (automatic || after.trim() !== ""))
    return "nothing to go on";
  return undefined;
}

/** Whether the text near an offset has a NUL, as binary files do. */
export function isBinary(text: string, offset: number): boolean {
  return text
    .slice(Math.max(0, offset - binaryBefore), offset + binaryAfter)
    .includes("\0");
}
