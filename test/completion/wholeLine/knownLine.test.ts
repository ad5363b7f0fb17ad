import assert from "node:assert/strict";
import type { DecodeOptions } from "../../../src/completion/decode";
import { lineOf } from "../../../src/completion/midLine/line";
import { knownLine } from "../../../src/completion/wholeLine/knownLine";
import { greedy } from "../../../src/engine/sampling";
import type { Continuation, Mark } from "../../../src/runtime/continuation";
import { encode } from "../../../src/tokenizer/tokenizer";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["other", "read"]);

/** A continuation to which every token is as likely as any other. */
class Indifferent implements Continuation {
  readonly prefilled = {
    run: 0,
    from: "start",
    exact: true,
    distance: 0,
  } as const;
  /** The tokens pushed up to here. */
  at: readonly number[] = [];
  /** Tokens that each push announced. */
  readonly followed: number[] = [];

  next(): Float32Array {
    return new Float32Array(tokenizer.vocabularySize).fill(1);
  }

  push(token: number, following: readonly number[] = []): Promise<void> {
    this.at = [...this.at, token];
    this.followed.push(following.length);
    return Promise.resolve();
  }

  mark(): Mark {
    return { pushed: this.at } as unknown as Mark;
  }

  rewind({ pushed }: Mark): void {
    this.at = pushed;
  }

  passagesAround() {
    return [];
  }
}

async function read(
  text: string,
  {
    suffix = "\nread(1",
    healed = "",
    least = -Infinity,
    ...some
  }: {
    suffix?: string;
    healed?: string;
    least?: number;
  } & Partial<DecodeOptions> = {},
) {
  const continuation = new Indifferent();
  const options: DecodeOptions = {
    tokenizer,
    skippedBytes: healed.length,
    processors: [],
    sampler: greedy,
    stoppingCriteria: [],
    maxTokens: 40,
    minConfidence: 0,
    timeBudget: Infinity,
    whole: "lines",
    signal: new AbortController().signal,
    ...some,
  };
  const ids = encode(tokenizer, Buffer.from(`${healed}other\n`));
  const steps = ids.map((_, i) => ({
    mark: { pushed: ids.slice(0, i) } as unknown as Mark,
    probabilities: continuation.next(),
  }));
  const trail = { steps, tokens: ids };
  const tokens = [
    { id: ids.at(-2)!, logProbability: 0, end: 5 },
    { id: ids.at(-1)!, logProbability: 0, end: 6 },
  ];
  const other = lineOf(tokenizer, trail, "other", tokens, options);
  const known = await knownLine(
    continuation,
    other,
    text,
    suffix,
    least,
    Buffer.from(healed),
    options,
  );
  return { ...known, continuation };
}

const each = -Math.log(tokenizer.vocabularySize);

describe("a line of a known text", () => {
  it("has the tokens up to its line break, each with its probability", async () => {
    const { line, isRun, continuation } = await read("ab");
    assert.ok(line && isRun);
    assert.deepEqual(line.ids, encode(tokenizer, Buffer.from("ab\n")));
    assert.deepEqual(
      line.tokens.map(({ end }) => end),
      [1, 2, 3],
    );
    assert.equal(line.path[0], 0);
    for (const [i, sum] of line.path.entries())
      assert.ok(Math.abs(sum - i * each) < 1e-4);
    // The first push announces the rest, but for what nobody asks for: one run reads them.
    const all = encode(tokenizer, Buffer.from("ab\nread(1")).length;
    assert.equal(continuation.followed[0], all - 2);
  });

  it("ends no token within a character", async () => {
    const { line } = await read("a\u{1f680}é");
    const ends = line?.tokens.map(({ end }) => end);
    assert.deepEqual(ends, [1, 1, 1, 1, 3, 3, 4, 5]);
  });

  it("begins behind what the document has already", async () => {
    const { line } = await read("ab", { healed: "\n  " });
    assert.equal(line?.healedTokens, 3);
    assert.deepEqual(
      line.tokens.map(({ end }) => end),
      [1, 2, 3],
    );
    assert.ok(Math.abs(line.path.at(-1)! - 3 * each) < 1e-4);
  });

  it("is not read again as far as it is the other one", async () => {
    const { continuation, line } = await read("other.x");
    assert.deepEqual(line?.ids.length, 4);
    assert.equal(continuation.followed.length, 2);
  });

  it("is none where it is too unlikely, too long or would have been ended, for no run", async () => {
    for (const [text, options] of [
      ["ab", { least: each / 2 }],
      ["abcd", { maxTokens: 4 }],
      [
        "ab",
        { stoppingCriteria: [() => ({ end: 1, stop: "repetition" as const })] },
      ],
      ["ab", { suffix: "" }],
    ] as const) {
      const { line, isRun, continuation } = await read(text, options);
      assert.deepEqual([line, isRun], [undefined, false]);
      assert.equal(continuation.followed.length, 0);
    }
    assert.ok((await read("abcd", { maxTokens: 5 })).line);
  });

  it("says that it was run where it turns out to be too unlikely", async () => {
    const { line, isRun } = await read("abcd", { least: 2.5 * each });
    assert.deepEqual([line, isRun], [undefined, true]);
  });
});
