import assert from "node:assert/strict";
import fc from "fast-check";
import { serverSentEvents } from "../../src/remote/serverSentEvents";

/** The events in some bytes that come in pieces of some lengths. */
async function eventsIn(
  text: string,
  lengths: readonly number[] = [],
): Promise<string[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    let at = 0;
    for (const length of lengths) {
      await Promise.resolve();
      yield bytes.subarray(at, at + length);
      at += length;
    }
    yield bytes.subarray(at);
  }
  const events: string[] = [];
  for await (const event of serverSentEvents(chunks())) events.push(event);
  return events;
}

describe("server-sent events", () => {
  it("are read as the standard has them", async () => {
    const text =
      ": comment\n\nevent: x\ndata: one\ndata:two\n\ndata\n\nid: 3\ndatax: no\n\ndata: {}\r\n\r\ndata: last\r\rdata: cut";
    assert.deepEqual(await eventsIn(text), ["one\ntwo", "", "{}", "last"]);
  });

  it("do not depend on where the stream is cut", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme" }).map((s) => s.replace(/[\r\n]/g, "")),
        ),
        fc.constantFrom("\n", "\r\n"),
        fc.array(fc.integer({ min: 0, max: 9 })),
        async (values, eol, lengths) => {
          const text = values
            .map((value) => `data: ${value}${eol}${eol}`)
            .join("");
          // A replacement character stands for a lone surrogate, in UTF-8.
          const written = values.map((value) => Buffer.from(value).toString());
          assert.deepEqual(await eventsIn(text, lengths), written);
        },
      ),
    ));

  it("end where one is too long to be one", async () => {
    await assert.rejects(eventsIn(`data: ${"x".repeat(300_000)}`), RangeError);
  });
});
