/**
 * The same text in memory of its own. A slice keeps the whole string alive that it was cut from, an
 * earlier version of the document, megabytes perhaps.
 */
export function detachString(text: string): string {
  const copy = Buffer.from(text).toString();
  // Halves of surrogate pairs that stand alone do not outlive UTF-8.
  return copy === text
    ? copy
    : Buffer.from(text, "utf16le").toString("utf16le");
}
