/** A text with every line end (CR LF or CR) as LF, the only line end that a model reads. */
export function lineFeeds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
