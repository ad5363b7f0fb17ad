import assert from "node:assert/strict";
import {
  NoSuggestion,
  noSuggestionReasonOf,
} from "../../src/completion/reasons";
import { suggestionCriteria } from "../../src/completion/stopping";
import { repetitionStart } from "../../src/completion/repetition";
import { around } from "../support/cursor";

/** How the first criterion that ends a text ends it. */
function ending(text: string, marked: string, maxLines = 8) {
  for (const criterion of suggestionCriteria(around(marked), maxLines)) {
    const found = criterion(text);
    if (found !== undefined) return [text.slice(0, found.end), found.stop];
  }
  return undefined;
}

describe("stopping criteria", () => {
  it("end a text with its line where text stands right of the cursor", () => {
    assert.deepEqual(ending("a\nb", "f(█)"), ["a", "end of line"]);
    assert.deepEqual(ending("\nb", "f(█)"), ["", "end of line"]);
    assert.equal(ending("a", "f(█)"), undefined);
    assert.equal(ending("a\n  b", "f(█  "), undefined);
  });

  it("end a text at the limit of lines, once a line break follows", () => {
    const text = "f(\n  a,\n  b,\n  c,\n";
    assert.deepEqual(ending(text, "█", 1), ["f(", "line limit"]);
    assert.deepEqual(ending(text, "█", 3), ["f(\n  a,\n  b,", "line limit"]);
    assert.deepEqual(ending(text, "█", 4), [text.slice(0, -1), "line limit"]);
    assert.equal(ending(text, "█", 5), undefined);
    assert.equal(ending("f(\n  a", "█", 2), undefined);
  });

  it("end a text that goes round in circles", () => {
    const text = "ab, ".repeat(5);
    assert.deepEqual(ending(text, "x = █"), ["ab, ", "repetition"]);
  });
});

describe("repetition within a line", () => {
  it("counts from four turns and twenty characters on", () => {
    assert.equal(repetitionStart("ab, ".repeat(4), ""), undefined);
    assert.equal(repetitionStart("ab, ".repeat(5), ""), 4);
    assert.equal(repetitionStart("abcd, ".repeat(3), ""), undefined);
    assert.equal(repetitionStart("abcd, ".repeat(4), ""), 6);
    const unit = (length: number) => `${"x".repeat(length - 2)}, `;
    assert.equal(repetitionStart(unit(40).repeat(4), ""), 40);
    assert.equal(repetitionStart(unit(41).repeat(4), ""), undefined);
    assert.equal(repetitionStart("-".repeat(40), ""), undefined);
  });
});

describe("the reason of an error", () => {
  it("is its own, else that of the signal, else a failure", () => {
    const live = new AbortController().signal;
    const aborted = (reason: unknown) => AbortSignal.abort(reason);
    const own = new NoSuggestion("superseded");
    assert.equal(noSuggestionReasonOf(own, live), "superseded");
    assert.equal(noSuggestionReasonOf(new Error("x"), live), "failed");
    const gone = new Error("gone");
    assert.equal(noSuggestionReasonOf(gone, aborted(gone)), "cancelled");
  });
});
