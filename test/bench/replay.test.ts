import assert from "node:assert/strict";
import { replay, rightRun } from "../../bench/eval/replay";

describe("replayed user", () => {
  it("types all where nothing is shown, a key for each character", async () => {
    const typed = await replay("añ😀\n", () => Promise.resolve(""));
    assert.deepEqual(typed, { characters: 4, keys: 4 });
  });

  it("takes what is right for one key and is asked again behind it", async () => {
    const written: string[] = [];
    const typed = await replay("let value = one;", (text) => {
      written.push(text);
      return Promise.resolve(
        { "": "le", l: "et value = two", "let value = ": "one;" }[text] ?? "",
      );
    });
    // "l", then "et value = " at once, then "one;" at once.
    assert.deepEqual(typed, { characters: 16, keys: 3 });
    assert.deepEqual(written, ["", "l", "let value = "]);
  });

  it("types what would save fewer than three characters", async () => {
    const typed = await replay("ab;", (text) =>
      Promise.resolve(text === "" ? "ab" : ""),
    );
    assert.deepEqual(typed, { characters: 3, keys: 3 });
  });

  it("takes whole words of the suggestion that are whole in the text, too", () => {
    assert.equal(rightRun("value = two", "value = three"), "value = ".length);
    assert.equal(rightRun("value", "values"), 0);
    assert.equal(rightRun("values", "value"), 0);
    assert.equal(rightRun("f(a, bc", "f(a, bd"), "f(a, ".length);
    assert.equal(rightRun("done", "done"), 4);
    assert.equal(rightRun("done();", "done() "), "done()".length);
  });
});
