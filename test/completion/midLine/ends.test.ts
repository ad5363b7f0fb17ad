import assert from "node:assert/strict";
import { endsOf, suffixRead } from "../../../src/completion/midLine/ends";
import type { Line } from "../../../src/completion/midLine/line";
import { encode } from "../../../src/tokenizer/tokenizer";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";
import { between } from "../../support/cursor";

const tokenizer = new FakeTokenizer(
  ["foo", "bar", ");", "oo", "se", "lf"],
  true,
);
const idsOf = (text: string) => encode(tokenizer, Buffer.from(text));
const none = new Uint8Array(0);

/**
 * A line of these tokens, with a probability of a half each; if it is open, nobody has asked what
 * follows the last.
 */
function lineOf(
  texts: readonly string[],
  { given = "", healedTokens = 0, isOpen = false } = {},
): Line {
  let text = given;
  const own = texts.slice(healedTokens).map((token) => {
    text += token;
    const [id] = idsOf(token);
    return { id: id!, logProbability: Math.log(0.5), end: text.length };
  });
  const continuation = expecting(tokenizer, {});
  const steps = [...texts, ...(isOpen ? [] : [""])].map((token) => {
    const probabilities = new Float32Array(tokenizer.vocabularySize);
    const [id] = idsOf(token);
    if (id !== undefined) probabilities[id] = 0.5;
    // What else may come: a bracket, or the next argument.
    for (const other of [")", ",", " "])
      probabilities[idsOf(other)[0]!]! += 0.25;
    return { mark: continuation.mark(), probabilities };
  });
  return {
    text,
    given: { text: given, logProbability: 0 },
    tokens: own,
    ids: texts.flatMap(idsOf),
    healedTokens,
    steps,
    path: ["", ...texts].map((_, i) =>
      i > healedTokens ? (i - healedTokens) * Math.log(0.5) : 0,
    ),
  };
}

function ends(
  line: Line,
  [before, after]: [string, string],
  healedPrefix: Uint8Array = none,
) {
  const around = between(before, after);
  const suffix = suffixRead(tokenizer, around);
  return endsOf(tokenizer, line, healedPrefix, suffix, around);
}
const textsOf = (...args: Parameters<typeof ends>) =>
  ends(...args).map(({ text }) => text);

describe("what is read of the text after the cursor", () => {
  const read = (after: string) => suffixRead(tokenizer, between("", after));

  it("is four tokens", () => {
    assert.equal(read("foobar, baz"), "foobar, ");
    assert.equal(read(");"), ");");
    assert.equal(read(""), "");
  });

  it("leaves out half a character", () => {
    // Each byte of "é" is a token of its own.
    assert.equal(read("abcé"), "abc");
    assert.equal(read("abéx"), "abé");
  });

  it("is 256 characters at the most", () => {
    const long = "x".repeat(257);
    const whole = new FakeTokenizer([long, "x".repeat(256)]);
    const around = between("", long);
    assert.equal(suffixRead(whole, around).length, 256);
  });
});

describe("the ends of a line", () => {
  it("are behind each token and before what closes or separates, the start among them", () => {
    const line = lineOf(["foo", ",", " ", "bar"]);
    assert.deepEqual(
      new Set(textsOf(line, ["f(", ")"])),
      new Set(["", "foo", "foo,", "foo, bar"]),
    );
    // Within the token ");" as well.
    assert.deepEqual(
      new Set(textsOf(lineOf(["(", "foo", ");"]), ["f", " + 1"])),
      new Set(["", "(foo)", "(foo);"]),
    );
  });

  it("come after what was decided before", () => {
    const line = lineOf(["foo"], { given: "bar," });
    assert.deepEqual(
      new Set(textsOf(line, ["f(", ")"])),
      new Set(["bar,", "bar,foo"]),
    );
  });

  it("are no place within a word, behind a space, or where the line would break", () => {
    const line = lineOf(["foo", "bar", " ", ")"]);
    assert.deepEqual(
      new Set(textsOf(line, ["f(", ")"])),
      new Set(["", "foo", "foobar"]),
    );
    // The text after the cursor goes on with the word.
    assert.deepEqual(textsOf(line, ["f(", "x)"]), [""]);
  });

  it("keep the tokens of the line as far as the tokenizer would make them", () => {
    const line = lineOf(["foo", ",", "bar"]);
    const at = (text: string, after = ", x)") =>
      ends(line, ["f(", after]).find((end) => end.text === text)!;
    const whole = at("foo,bar");
    // The last of the line's tokens is read again, with what comes after it.
    assert.equal(whole.kept, 3);
    assert.deepEqual(whole.rest, idsOf(", x)"));
    assert.equal(whole.middle, 3 * Math.log(0.5));
    const first = at("foo");
    assert.equal(first.kept, 1);
    assert.deepEqual(first.rest, idsOf(", x)"));
    assert.equal(first.middle, Math.log(0.5));
    // Of "," there is 0.5 + 0.25 among 1.25.
    assert.ok(
      Math.abs(first.bound - Math.log(0.5 * 0.6)) < 1e-6,
      `${Math.exp(first.bound)}`,
    );
    // The start of the line keeps nothing.
    const start = at("");
    assert.deepEqual([start.kept, start.middle], [0, 0]);
    assert.deepEqual(start.rest, idsOf(", x)"));
  });

  it("join signs on both sides of the cursor to one token", () => {
    // ")" before ";" is the token ");", so the line's own ")" is not kept.
    const line = lineOf(["(", "foo", ")"]);
    const end = ends(line, ["f", "; x"]).find(({ text }) => text === "(foo)")!;
    assert.equal(end.kept, 2);
    assert.deepEqual(end.rest, idsOf("); x"));
  });

  it("begin with what was healed", () => {
    const line = lineOf(["se", "lf", ",", "foo"], { healedTokens: 1 });
    const found = ends(line, ["f(se", ")"], Buffer.from("se")).map(
      ({ text, kept, rest }) => ({ text, kept, rest }),
    );
    assert.deepEqual(
      found.find(({ text }) => text === "lf"),
      { text: "lf", kept: 2, rest: idsOf(")") },
    );
  });

  it("read the last token again where nobody has asked what follows it", () => {
    const line = lineOf(["foo", ","], { isOpen: true });
    const end = ends(line, ["f(", ")"]).find(({ text }) => text === "foo,")!;
    assert.equal(end.kept, 1);
    assert.deepEqual(end.rest, idsOf(",)"));
    assert.equal(end.middle, 2 * Math.log(0.5));
  });

  it("have a token to read though none is known after the cursor", () => {
    const end = ends(lineOf(["foo"]), ["f(", ""]).find(
      ({ text }) => text === "foo",
    )!;
    assert.deepEqual([end.kept, end.rest], [0, idsOf("foo")]);
    assert.ok(Number.isFinite(end.bound));
  });

  describe("of a line that is tokenised in a way of its own", () => {
    // The tokenizer would write "foo" as one token.
    const ownWay = ["f", "o", "o", ",", "bar"];

    it("leave it as it is", () => {
      const at = (text: string) =>
        ends(lineOf(ownWay), ["f(", ")"]).find((end) => end.text === text)!;
      assert.deepEqual([at("foo").kept, at("foo").rest], [3, idsOf(")")]);
      const whole = at("foo,bar");
      assert.deepEqual([whole.kept, whole.rest], [5, idsOf(")")]);
      assert.equal(whole.middle, 5 * Math.log(0.5));
    });

    it("read two tokens of it again", () => {
      const end = ends(lineOf(["f", "oo"]), ["f(", ")"]).find(
        ({ text }) => text === "foo",
      )!;
      assert.deepEqual([end.kept, end.rest], [0, idsOf("foo)")]);
    });

    it("know what of it was healed", () => {
      const line = lineOf(ownWay, { healedTokens: 1 });
      const found = ends(line, ["f(f", ")"], Buffer.from("f"));
      const end = found.find(({ text }) => text === "oo,")!;
      assert.deepEqual([end.kept, end.rest], [4, idsOf(")")]);
      // All of it was healed, and nothing is inserted.
      const healed = lineOf(ownWay.slice(0, 3), { healedTokens: 3 });
      const [start] = ends(healed, ["f(foo", ")"], Buffer.from("foo"));
      assert.deepEqual(
        [start!.text, start!.kept, start!.rest],
        ["", 0, idsOf("foo)")],
      );
    });
  });
});
