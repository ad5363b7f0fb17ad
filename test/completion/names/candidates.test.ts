import assert from "node:assert/strict";
import {
  nameCandidates,
  namesElsewhere,
  typedName,
} from "../../../src/completion/names/candidates";
import {
  likeliest,
  type RankedWord,
} from "../../../src/completion/names/ranking";

describe("name candidates", () => {
  const candidates = (
    before: string,
    after = "",
    others: readonly ReadonlySet<string>[] = [],
  ) => {
    const typed = typedName(before);
    const elsewhere = namesElsewhere(typed, others, []);
    return nameCandidates(typed, before, after, elsewhere, [], 8);
  };
  const names = (...args: Parameters<typeof candidates>) =>
    candidates(...args).map(({ name }) => name);

  it("are the longer names of the file on both sides, behind what is typed itself", () => {
    assert.deepEqual(names("load(); loadAll(); x.lo", " = loadOne();"), [
      "lo",
      "loadAll",
      "load",
      "loadOne",
    ]);
    assert.deepEqual(names("reload(); lo", ""), ["lo"]);
  });

  it("count what stands before and after, and how near", () => {
    const [, known] = candidates("total; total; to", "\ntotal");
    assert.deepEqual(known, {
      name: "total",
      before: 2,
      after: 1,
      distance: 7,
      elsewhere: 0,
    });
  });

  it("leave out the rest of the word that is being typed", () => {
    assert.deepEqual(names("wid", "th = 1; widget"), ["wid", "widget"]);
  });

  it("are common words of the language as well, fewer than names of the file", () => {
    const common = ["return", "retry"];
    const found = nameCandidates(
      "ret",
      "retry(); ret",
      "",
      new Map(),
      common,
      8,
    );
    assert.deepEqual(
      found.map(({ name }) => name),
      ["ret", "retry", "return"],
    );
    assert.ok(found[2]!.elsewhere > 0);
    const [one] = nameCandidates("for", "for", "", new Map(), ["for"], 8);
    assert.ok(one!.elsewhere > 0, "what is typed may be one");
  });

  it("come from other files, too", () => {
    const others = [
      new Set(["loadInvoices", "other"]),
      new Set(["loadInvoices"]),
    ];
    assert.deepEqual(
      candidates("loadI", "", others).map(({ name, elsewhere }) => [
        name,
        elsewhere,
      ]),
      [
        ["loadI", 0],
        ["loadInvoices", 2],
      ],
    );
  });

  it("are told in any script, and not behind digits", () => {
    assert.equal(typedName("x = Größ"), "Größ");
    assert.equal(typedName("4cat"), "cat".slice(0, 0));
    assert.equal(typedName("x. "), "");
  });
});

describe("name ranking", () => {
  const word = (logProbability: number, before: number): RankedWord => ({
    candidate: { name: "x", before, after: 0, distance: 50, elsewhere: 0 },
    logProbability,
    isOwn: false,
    isComplete: false,
  });

  it("takes what the network thinks likelier, with a probability below 1", () => {
    const words = [word(-5, 1), word(-1, 1)];
    const best = likeliest(words, 3)!;
    assert.equal(best.word, words[1]);
    assert.ok(best.probability > 0.2 && best.probability < 1);
  });

  it("has nothing to say of no words", () => {
    assert.equal(likeliest([], 3), undefined);
  });
});
