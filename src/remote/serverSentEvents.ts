/** Characters of one event; the last one of llama.cpp's holds the prompt again. */
const maxEventLength = 256 * 1024;

/**
 * The data of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) in
 * a stream of bytes, however it is cut into pieces. An event that the stream ends in is left out.
 *
 * @throws RangeError if an event is too long to be one
 */
export async function* serverSentEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the end may be the first half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield data.join("\n");
        data = [];
        continue;
      }
      const [, value] = /^data(?:: ?(.*))?$/s.exec(line) ?? [];
      if (/^data(?::|$)/.test(line)) data.push(value ?? "");
    }
    const length = data.reduce((sum, each) => sum + each.length, rest.length);
    if (length > maxEventLength) throw new RangeError("an event is too long");
  }
}
