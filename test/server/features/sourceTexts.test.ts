import assert from "node:assert/strict";
import { SourceTexts } from "../../../src/server/features/sourceTexts";
import type { Session } from "../../../src/server/session";

const uri = "file:///work/a.ts";

/** Where a name is found in a document with these texts before and after the suggestion. */
async function find(name: string, before: string, after: string) {
  const session = {} as Pick<Session, "documents" | "project">;
  const runtime = { documentOf: () => undefined };
  const own = { key: uri, uri, before, after, lineOfAfter: 5 };
  const texts = new SourceTexts(session, runtime, own);
  const { place } = await texts.findName(name, [], undefined);
  return place && [place.position.line, place.position.character];
}

describe("the source of a name", () => {
  it("is the last one before the suggestion, else the first one after it", async () => {
    assert.deepEqual(await find("to", "to\nto(", ")\nto"), [1, 0]);
    assert.deepEqual(await find("to", "f(", ")\n to to"), [6, 1]);
    assert.equal(await find("to", "f(", ")"), undefined);
  });

  it("is a whole name, with letters and marks of any language", async () => {
    assert.equal(await find("to", "into tool $to to$ to2", ""), undefined);
    // What follows is a mark, which makes it another name.
    assert.deepEqual(await find("नमस", "", "नमस्ते; नमस"), [5, 8]);
  });
});
