import assert from "node:assert/strict";
import { CopyIndex } from "../../src/copying/copyIndex";
import { FileVectors, neighbourTokens } from "../../src/runtime/fileVectors";
import { PrefixModel, vectorsOf } from "../support/prefixModel";

const never = new AbortController().signal;
const width = 2;
const start = [0, 20, 21, 1];

function indexOf(length: number, from = 100): CopyIndex {
  const index = new CopyIndex(8);
  for (let i = 0; i < length; i++) index.append(from + i);
  return index;
}

describe("vectors of files", () => {
  let model: PrefixModel;
  let files: FileVectors;
  beforeEach(() => {
    model = new PrefixModel();
    model.vectorWidth = width;
    files = new FileVectors(model);
  });

  it("are those of its text, read from its start, each with the token after it", async () => {
    const index = indexOf(50);
    assert.equal(files.of(index), undefined);
    await files.read(index, start, never);
    const tokens = [...start, ...index.head(50)];
    const first = start.length - 1;
    assert.deepEqual(files.of(index), {
      vectors: vectorsOf([], tokens.slice(0, -1), width).slice(first * width),
      next: index.head(50),
    });
    assert.ok(model.runs.every(({ length }) => length <= model.runLength));
    assert.equal(files.bytes, tokens.length * width);
  });

  it("are those of the first tokens of a long file", async () => {
    const index = indexOf(3 * neighbourTokens);
    await files.read(index, start, never);
    const { vectors, next } = files.of(index)!;
    assert.deepEqual(next, index.head(neighbourTokens));
    assert.equal(vectors.length, neighbourTokens * width);
  });

  it("are read in even runs alone, which round alike at any speed", async () => {
    const index = indexOf(51);
    await files.read(index, start, never);
    assert.deepEqual(files.of(index)!.next, index.head(50));
    assert.ok(model.runs.every(({ length }) => length % 2 === 0));
  });

  it("goes on where it was stopped, and does not read twice", async () => {
    const index = indexOf(200);
    const abort = new AbortController();
    let runs = 0;
    model.onRun = () => {
      if (++runs === 4) abort.abort(new Error("typing"));
    };
    await assert.rejects(files.read(index, start, abort.signal), /typing/);
    assert.equal(files.of(index), undefined);
    await files.read(index, start, never);
    await files.read(index, start, never);
    assert.equal(model.runs.flat().length, 200 + start.length);
    const tokens = [...start, ...index.head(200)];
    assert.deepEqual(
      files.of(index)!.vectors,
      vectorsOf([], tokens.slice(0, -1), width).slice(
        (start.length - 1) * width,
      ),
    );
  });

  it("are kept of the latest files alone", async () => {
    const indexes = Array.from({ length: 80 }, (_, i) => indexOf(10, 100 * i));
    for (const index of indexes) await files.read(index, start, never);
    const kept = indexes.filter((index) => files.of(index) !== undefined);
    assert.deepEqual(kept, indexes.slice(-kept.length));
    assert.ok(kept.length >= 6 && kept.length < 80);
    assert.equal(files.bytes, kept.length * (10 + start.length) * width);
  });

  it("stay while they are asked for again, however many others are read", async () => {
    const index = indexOf(10);
    for (let i = 1; i < 40; i++) {
      await files.read(index, start, never);
      await files.read(indexOf(10, 100 * i), start, never);
      assert.equal(files.of(index)?.next.length, 10);
    }
    assert.equal(model.runs.flat().length, 40 * (10 + start.length));
  });

  it("are of an empty file, too", async () => {
    const index = indexOf(0);
    await files.read(index, start, never);
    assert.deepEqual(files.of(index)!.next, []);
  });

  it("reads nothing for a model that makes none", async () => {
    model.vectorWidth = undefined;
    const index = indexOf(10);
    await files.read(index, start, never);
    assert.deepEqual([model.runs, files.of(index)], [[], undefined]);
  });
});
