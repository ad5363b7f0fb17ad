/**
 * A copy of a string. A slice keeps the whole string in memory from which it was cut, which may be an
 * earlier version of a document with megabytes.
 */
export function detachString(text: string): string {
  const copy = Buffer.from(text).toString();
  // Lone surrogates are lost in UTF-8.
  return copy === text
    ? copy
    : Buffer.from(text, "utf16le").toString("utf16le");
}
