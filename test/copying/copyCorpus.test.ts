import assert from "node:assert/strict";
import { copyCandidates } from "../../src/copying/copyCandidates";
import { CopyCorpus } from "../../src/copying/copyCorpus";
import { CopyIndex } from "../../src/copying/copyIndex";
import { FakeTokenizer } from "../support/fakeTokenizer";

const tokenizer = new FakeTokenizer();
const bytesIn = (text: string) => [...Buffer.from(text)];
const textOf = (index: CopyIndex) =>
  Buffer.from(index.tail(index.length)).toString();
/** The text of an index of a suffix, which is filled from its end. */
const suffixOf = (index: CopyIndex) =>
  Buffer.from(index.tail(index.length).reverse()).toString();

describe("CopyCorpus", () => {
  const corpusOf = (budgetBytes = 1e9) =>
    new CopyCorpus({ tokenizer, firstText: 0, budgetBytes });

  it("gives the text on both sides of the cursor, then other documents, then what is given", () => {
    const corpus = corpusOf();
    corpus.update("b", bytesIn("b before"), "\nb after");
    corpus.update("c", bytesIn("c before"), "\nc after");
    const given = new CopyIndex(0);
    const { prefix, near, far } = corpus.sourcesFor(
      "a",
      bytesIn("a before"),
      "\na after",
      ["c", "unknown", "b"],
      [given],
    );
    assert.equal(near.length, 2);
    assert.equal(near[0], prefix);
    assert.equal(textOf(prefix), "a before");
    assert.equal(suffixOf(near[1]!), "\na after");
    assert.deepEqual(
      [textOf(far[0]!), suffixOf(far[1]!), textOf(far[2]!), suffixOf(far[3]!)],
      ["c before", "\nc after", "b before", "\nb after"],
    );
    assert.equal(far[4], given);
    assert.equal(far.length, 5);
  });

  it("leaves a suffix that is not given as it was, and does not copy from it", () => {
    const corpus = corpusOf();
    corpus.update("a", bytesIn("text"), "\nafter");
    const { near } = corpus.sourcesFor("a", bytesIn("text and"), undefined);
    assert.deepEqual(near.map(textOf), ["text and"]);
    const { far } = corpus.sourcesFor("b", [], undefined, ["a"]);
    assert.deepEqual(
      [textOf(far[0]!), suffixOf(far[1]!)],
      ["text and", "\nafter"],
    );
  });

  it("indexes a document as it is now", () => {
    const corpus = corpusOf();
    corpus.update("a", bytesIn("let one = 1;"), "\none");
    const { prefix, near } = corpus.sourcesFor("a", bytesIn("let two"), "");
    assert.equal(textOf(prefix), "let two");
    assert.equal(near[1]!.length, 0);
  });

  it("does not copy what was suggested in another document", () => {
    const corpus = corpusOf();
    const { prefix } = corpus.sourcesFor("a", bytesIn("text"), "");
    for (const token of bytesIn(" suggested")) prefix.append(token);
    const { far } = corpus.sourcesFor("b", [], "", ["a"]);
    assert.equal(textOf(far[0]!), "text");
  });

  it("empties the indexes of a document that is removed, for those who hold them", () => {
    const corpus = corpusOf();
    const { near } = corpus.sourcesFor("a", bytesIn("secret"), "\nsecret");
    const tail = bytesIn("sec");
    assert.equal(copyCandidates(4, tail, near).length, 1);
    corpus.remove("a");
    assert.deepEqual(
      near.map(({ length }) => length),
      [0, 0],
    );
    assert.deepEqual(copyCandidates(4, tail, near), []);
    assert.equal(corpus.bytesOf("a"), 0);
    assert.equal(corpus.usedBytes, 0);
    corpus.remove("unknown");
  });

  it("counts the bytes of all documents", () => {
    const corpus = corpusOf();
    corpus.update("a", bytesIn("text ".repeat(100)), "");
    const a = corpus.bytesOf("a");
    assert.ok(a > 500 * 12);
    corpus.update("b", [], "\ntext".repeat(100));
    const b = corpus.bytesOf("b");
    assert.ok(b > 500 * 12);
    assert.equal(corpus.usedBytes, a + b);
    assert.equal(corpus.bytesOf("c"), 0);
  });

  it("drops the document that was not updated for longest where the budget is spent", () => {
    const corpus = corpusOf();
    const text = bytesIn("some text ".repeat(20));
    for (const key of ["a", "b", "c"]) corpus.update(key, text, "\nafter");
    corpus.sourcesFor("a", text, undefined);
    const each = corpus.bytesOf("c");
    assert.equal(corpus.usedBytes, 3 * each);
    corpus.budgetBytes = 3 * each;
    assert.equal(corpus.bytesOf("b"), each);
    corpus.budgetBytes = 3 * each - 1;
    assert.deepEqual(
      ["a", "b", "c"].map((key) => corpus.bytesOf(key)),
      [each, 0, each],
    );
    corpus.update("d", text, "\nafter");
    corpus.sourcesFor("e", text, "\nafter");
    assert.deepEqual(
      ["a", "c", "d", "e"].map((key) => corpus.bytesOf(key) > 0),
      [false, false, true, true],
    );
  });

  it("keeps the latest document, whatever it takes", () => {
    const corpus = corpusOf(0);
    corpus.update("a", bytesIn("text"), "");
    assert.ok(corpus.bytesOf("a") > 0);
    corpus.update("b", bytesIn("text"), "");
    assert.deepEqual([corpus.bytesOf("a"), corpus.bytesOf("b") > 0], [0, true]);
  });
});
