import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  noCounts,
  type Counts,
} from "../../../src/client/statistics/counts";
import { Offers, type Offer } from "../../../src/client/statistics/offers";

const uri = "file:///work/a.ts";

describe("what became of a suggestion", () => {
  let text: string;
  let time: number;
  let sum: Counts;
  let offers: Offers;
  let lastId: number;

  beforeEach(() => {
    text = "";
    time = 0;
    sum = noCounts();
    lastId = 0;
    offers = new Offers(
      (row) => add(sum, row),
      () => time,
    );
  });

  /** Replaces `length` characters at `offset`, as an editor would. */
  function edit(offset: number, length: number, inserted: string): void {
    text = text.slice(0, offset) + inserted + text.slice(offset + length);
    offers.changed(uri, [{ offset, length, text: inserted }]);
  }

  function offer(suggested: string, given: Partial<Offer> = {}): number {
    offers.offer({
      id: ++lastId,
      uri,
      offset: text.length,
      text: suggested,
      languageId: "typescript",
      model: "bundled",
      ms: 7,
      isRest: false,
      ...given,
    });
    return lastId;
  }

  function settle(): void {
    time += 60_000;
    offers.settle((_, offset, length) => text.slice(offset, offset + length));
  }

  const figures = () => {
    const { latency: _, settings: __, ...rest } = sum;
    return Object.fromEntries(Object.entries(rest).filter(([, n]) => n !== 0));
  };

  it("is accepted as a whole and kept", () => {
    edit(0, 0, "const ");
    const id = offer("answer = 42;");
    edit(6, 0, "answer = 42;");
    offers.accepted(id);
    settle();
    assert.deepEqual(figures(), {
      offered: 1,
      accepted: 1,
      characters: 12,
      keys: 11,
      right: 1,
      kept: 1,
    });
    assert.deepEqual(sum.latency, [0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("is one with the longer text that comes behind it", () => {
    offer("answer");
    edit(0, 0, "a");
    const id = offer("nswer = 42;", { isRest: true });
    edit(1, 0, "nswer = 42;");
    offers.accepted(id);
    settle();
    assert.deepEqual(figures(), {
      offered: 1,
      accepted: 1,
      characters: 11,
      keys: 10,
      right: 1,
      kept: 1,
    });
  });

  it("is another one where it stands elsewhere, or was accepted", () => {
    offer("answer");
    const id = offer("answer = 42;", { isRest: true, offset: 7 });
    assert.equal(sum.offered, 2);
    offers.accepted(id);
    offer("answer = 42;\n", { isRest: true, offset: 7 });
    assert.equal(sum.offered, 3);
  });

  it("is accepted and taken back within the minute", () => {
    const id = offer("answer");
    edit(0, 0, "answer");
    offers.accepted(id);
    edit(0, 6, "");
    settle();
    assert.deepEqual(figures(), {
      offered: 1,
      accepted: 1,
      characters: 6,
      keys: 5,
    });
  });

  it("is accepted a word at a time, as the edits tell", () => {
    offer("const answer = 42;");
    edit(0, 0, "const");
    edit(5, 0, " answer");
    edit(12, 0, "s");
    settle();
    assert.deepEqual(figures(), {
      offered: 1,
      acceptedInPart: 1,
      characters: 12,
      keys: 10,
      kept: 1,
    });
  });

  it("is typed through and accepted by the id of its rest, or of an earlier one", () => {
    for (const which of [0, 1]) {
      const begin = text.length;
      const first = offer("answer");
      edit(begin, 0, "a");
      edit(begin + 1, 0, "n");
      const second = offer("swer", { isRest: true });
      edit(begin + 2, 0, "swer");
      offers.accepted([first, second][which] ?? 0);
    }
    assert.deepEqual(figures(), {
      offered: 2,
      accepted: 2,
      characters: 8,
      keys: 6,
    });
  });

  it("is right when it was typed by hand, whatever happens above it and to its white space", () => {
    text = "// head\n";
    offer("if (x) {\n  y();\n}");
    for (const character of "if (x) {\n\ty();\n}")
      edit(text.length, 0, character);
    edit(0, 0, "// a line more\n");
    edit(0, 3, "//");
    settle();
    assert.deepEqual(figures(), { offered: 1, right: 1 });
  });

  it("is neither before its minute is over, nor in a document that is closed", () => {
    offer("a");
    edit(0, 0, "a");
    offers.settle(() => text);
    assert.deepEqual(figures(), { offered: 1 });
    offers.closed(uri);
    settle();
    assert.deepEqual(figures(), { offered: 1 });
  });

  it("is not counted as accepted twice", () => {
    const id = offer("answer");
    offers.accepted(id);
    offers.accepted(id);
    assert.equal(sum.accepted, 1);
  });

  describe("at each value of rwkv.suggestions", () => {
    const all = ["often", "balanced", "rare"] as const;
    const bySetting = () =>
      all.map((each) => [sum.settings[each].shown, sum.settings[each].right]);
    const compared = () => sum.settings.often.compared;
    const withheld = { settings: ["often"], isWithheld: true } as const;

    it("counts for those that show it, right by its first word", () => {
      offer("answer = 42;", { settings: ["often", "balanced"] });
      for (const character of "answer = 6 * 7;")
        edit(text.length, 0, character);
      settle();
      assert.deepEqual(figures(), { offered: 1 });
      assert.deepEqual(bySetting(), [
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
    });

    it("is not offered where it is withheld, and may be right all the same", () => {
      offer("answer", withheld);
      edit(0, 0, "answer = 42;");
      offer("wrong", withheld);
      edit(text.length, 0, "\n");
      settle();
      assert.deepEqual(figures(), {});
      assert.deepEqual(sum.latency, noCounts().latency);
      assert.deepEqual(bySetting()[0], [2, 1]);
      assert.equal(compared(), 2);
    });

    it("counts once while it is typed, from when it is shown or withheld on", () => {
      offer("answer = 42;", withheld);
      edit(0, 0, "a");
      offer("nswer =", withheld);
      edit(1, 0, "n");
      const id = offer("swer = 42;", { settings: ["often", "balanced"] });
      edit(2, 0, "swer = 42;");
      offers.accepted(id);
      settle();
      assert.deepEqual(bySetting(), [
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
      assert.deepEqual(
        [sum.offered, sum.accepted, sum.right, sum.acceptedInPart],
        [1, 1, 1, 0],
      );
    });

    it("counts anew where something else is typed, or all of it", () => {
      offer("answer", withheld);
      edit(0, 0, "b");
      offer("anana", withheld);
      edit(1, 0, "anana");
      offer("(", withheld);
      assert.deepEqual(bySetting()[0], [3, 0]);
    });

    it("is wrong where its place is overwritten, and not compared in a document that is closed", () => {
      edit(0, 0, "x = ");
      offer("answer", withheld);
      edit(2, 2, "");
      edit(1, 1, "+= 1");
      settle();
      assert.deepEqual([bySetting()[0], compared()], [[1, 0], 1]);
      offer("other", withheld);
      offers.closed(uri);
      settle();
      assert.deepEqual([bySetting()[0], compared()], [[2, 0], 1]);
    });

    it("leaves what is offered and typed through as it is", () => {
      offer("answer = 42;", { settings: all });
      edit(0, 0, "a");
      offer("wrong", { ...withheld, offset: 0 });
      offer("nswer = 42;", { isRest: true });
      assert.equal(sum.offered, 1);
      assert.deepEqual(bySetting()[2], [1, 0]);
    });
  });

  it("keeps its place under any edits outside of it", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat(40),
            cut: fc.nat(5),
            put: fc.string({ maxLength: 4 }),
            isBefore: fc.boolean(),
          }),
          { maxLength: 20 },
        ),
        (edits) => {
          sum = noCounts();
          text = "0123456789";
          const begin = { at: text.length };
          offer("@answer@");
          edit(begin.at, 0, "@answer@");
          for (const { at, cut, put, isBefore } of edits) {
            if (isBefore) {
              const from = Math.min(at, Math.max(0, begin.at - 1));
              const length = Math.min(cut, begin.at - from);
              if (begin.at === 0) continue;
              edit(from, length, put);
              begin.at += put.length - length;
            } else {
              const from = Math.min(text.length, begin.at + 8 + at);
              edit(from, Math.min(cut, text.length - from), put);
            }
          }
          settle();
          assert.equal(sum.right, 1);
        },
      ),
    );
  });
});
