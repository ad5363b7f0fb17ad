import picomatch from "picomatch";
import { URI } from "vscode-uri";
import type { CompletionContext, DocumentInfo } from "./context";
import type { NoSuggestionReason } from "./reasons";

/** Schemes of documents that a human writes; not `git:` and other diff sides, output, consoles. */
const schemes = new Set([
  "file",
  "untitled",
  "vscode-remote",
  "vscode-notebook-cell",
  "vscode-vfs",
  "vsls",
]);

/** Characters before the cursor beyond which a line is data, not something one writes. */
const longLine = 10_000;

/** Characters before and after the cursor in which a NUL means that this is no text. */
const binaryBefore = 256 * 1024;
const binaryAfter = 8 * 1024;

/** Longer items are not worth the steps that repeating them takes. */
const longItem = 256;

const wordStart = /^[\p{L}\p{N}_]/u;

/** Why a document is not completed, wherever the cursor stands; undefined if it is. */
export function refuseDocument(
  document: DocumentInfo,
): NoSuggestionReason | undefined {
  const { settings, languageId } = document;
  if (!settings.enable) return "off";
  if (!isLanguageOn(settings.languages, languageId)) return "language off";
  return refuseAccess(document);
}

/** Why a document is not even read, not for an explicit command either; undefined if it may be. */
export function refuseAccess({
  uri,
  path,
  settings,
}: DocumentInfo): NoSuggestionReason | undefined {
  const { scheme, path: whole } = URI.parse(uri);
  if (!schemes.has(scheme)) return "unsupported document";
  const isExcluded = matcherOf(settings.exclude);
  if (isExcluded(path) || isExcluded(whole)) return "excluded";
  return undefined;
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
  if (automatic && wordStart.test(lineSuffix)) return "mid-word";
  // A command may ask for the first line of a new file: the model knows the file's name.
  if (before.trim() === "" && (automatic || after.trim() !== ""))
    return "nothing to go on";
  return undefined;
}

/** Whether the text near an offset holds what no text file does. */
export function isBinary(text: string, offset: number): boolean {
  return text
    .slice(Math.max(0, offset - binaryBefore), offset + binaryAfter)
    .includes("\0");
}

/** Whether an offset falls between the halves of a surrogate pair. */
export function splitsPair(text: string, offset: number): boolean {
  return (
    (text.charCodeAt(offset - 1) & 0xfc00) === 0xd800 &&
    (text.charCodeAt(offset) & 0xfc00) === 0xdc00
  );
}

function isLanguageOn(
  languages: Readonly<Record<string, boolean>>,
  languageId: string,
): boolean {
  const choice = Object.hasOwn(languages, languageId)
    ? languages[languageId]
    : languages["*"];
  return choice ?? true;
}

type Matcher = (path: string) => boolean;
/** By list, as long as the list lives: compiling globs costs more than matching. */
const matchers = new WeakMap<readonly string[], Matcher>();

function matcherOf(globs: readonly string[]): Matcher {
  const known = matchers.get(globs);
  if (known !== undefined) return known;
  const patterns = globs.flatMap((glob) => compile(glob) ?? []);
  const matcher: Matcher = (path) => patterns.some((matches) => matches(path));
  matchers.set(globs, matcher);
  return matcher;
}

/** Undefined for what is no glob: one slip in the settings must not switch off the others. */
function compile(glob: string): Matcher | undefined {
  try {
    // A secret stays one whatever the case of its name; a glob without a slash means any folder.
    return picomatch(glob, {
      dot: true,
      nocase: true,
      basename: !glob.includes("/"),
    });
  } catch {
    return undefined;
  }
}
