import assert from "node:assert/strict";
import type {
  NameCandidate,
  UseElsewhere,
} from "../../../src/completion/names/candidates";
import weights from "../../../src/completion/names/nameWeights.json";
import {
  candidateFeatures,
  featuresOf,
  firstGuess,
  likeliest,
  noneFeatures,
  positionOf,
  type Position,
  type RankedWord,
} from "../../../src/completion/names/ranking";
import { NameKind } from "../../../src/project/names";
import { nameCandidate, nowhere } from "../../support/nameCandidates";

/** What the numbers of `candidateFeatures` say, in their order. */
const meanings = [
  "complete",
  "unknown",
  "before",
  "after",
  "elsewhere",
  "files",
  "distance",
  "here",
  "typed of a longer one",
  "typed of the complete one",
  "others",
  "match",
  "fitting",
  "never fitting",
  "near file",
  "of the other kind",
  "imported",
  "unused",
  "once",
  "nearest",
  "rest",
  "complete and known",
  "complete and declared",
  "longer and declared",
] as const;
type Features = Partial<Record<(typeof meanings)[number], number>>;

/** "total", typed as far as "to", which stands nowhere. */
const total = nameCandidate("total");
const place: Position = {
  typedLength: 2,
  longerNames: 1,
  isMember: false,
  isDeclaration: false,
  nearest: Infinity,
  hasEditorMembers: false,
};

const rounded = (value: number) => Number(value.toFixed(9));

/** The features that are not 0, by what they say. */
function features(
  candidate: NameCandidate | undefined,
  isComplete = false,
  position: Partial<Position> = {},
): Features {
  const values = candidateFeatures(candidate, isComplete, {
    ...place,
    ...position,
  });
  assert.equal(values.length, meanings.length);
  return Object.fromEntries(
    meanings
      .map((meaning, i) => [meaning, rounded(values[i]!)] as const)
      .filter(([, value]) => value !== 0),
  );
}
function assertFeatures(actual: Features, expected: Features): void {
  const entries = Object.entries(expected);
  assert.deepEqual(
    actual,
    Object.fromEntries(entries.map(([key, value]) => [key, rounded(value)])),
  );
}
const { log } = Math;
/** Of each longer name when two of its five letters are typed. */
const twoOfFive: Features = { "typed of a longer one": log(2), rest: log(3) };

describe("features of a name", () => {
  it("are how often it stands on either side, and how near", () => {
    assertFeatures(features({ ...total, before: 3, after: 1, distance: 99 }), {
      ...twoOfFive,
      before: log(4),
      after: log(2),
      distance: log(100) / 10,
      here: 1,
      "never fitting": 1,
    });
    assert.equal(features({ ...total, after: 1 })["never fitting"], 1);
    assertFeatures(features({ ...total, after: 1, fitting: 1 }), {
      ...twoOfFive,
      after: log(2),
      fitting: log(2),
    });
  });

  it("are whether it stands once, and whether nothing else is nearer", () => {
    const here = { ...total, before: 1, distance: 99, fitting: 1, match: 3 };
    const once: Features = {
      ...twoOfFive,
      before: log(2),
      distance: log(100) / 10,
      here: 1,
      fitting: log(2),
      match: log(4),
      once: 1,
    };
    assertFeatures(features(here, false, { nearest: 98 }), once);
    const nearest = features(here, false, { nearest: 99 });
    assertFeatures(nearest, { ...once, nearest: 1 });
    const unused = features({ ...here, isUnused: true }, false, {});
    assertFeatures(unused, { ...once, unused: 1 });
  });

  it("are the files that have it, and how far the nearest is", () => {
    const of = (use: Partial<UseElsewhere>, isMember = false) =>
      features({ ...total, elsewhere: { ...nowhere, ...use } }, false, {
        isMember,
      });
    assertFeatures(of({ files: 4 }), {
      ...twoOfFive,
      elsewhere: 1,
      files: log(5),
    });
    assertFeatures(of({ distance: 1 }), { ...twoOfFive, "near file": 1 / 5 });
    assertFeatures(of({ distance: -2 }), { ...twoOfFive, "near file": 1 / 2 });
    assertFeatures(of({ distance: -9 }), { ...twoOfFive, "near file": 1 });
    assertFeatures(of({ imported: true }), { ...twoOfFive, imported: 1 });
    // A member elsewhere is what is looked for behind a dot, and not where no dot is.
    const other = { ...twoOfFive, "of the other kind": 1 };
    assertFeatures(of({ kinds: NameKind.member }), other);
    assertFeatures(of({ kinds: NameKind.member }, true), twoOfFive);
    assertFeatures(of({ kinds: NameKind.plain }), twoOfFive);
    assertFeatures(of({ kinds: NameKind.plain }, true), other);
  });

  it("do not say of what kind it is elsewhere where it stands in the file", () => {
    const elsewhere = { ...nowhere, kinds: NameKind.member };
    const here = features({ ...total, after: 1, fitting: 1, elsewhere });
    assert.equal(here["of the other kind"], undefined);
  });

  it("are how much is typed, how many others there are, and what is declared", () => {
    assertFeatures(features(total, false, { longerNames: 5 }), {
      ...twoOfFive,
      others: log(5),
    });
    const untyped = { typedLength: 0, longerNames: 0, isDeclaration: true };
    assertFeatures(features(total, false, untyped), {
      rest: log(5),
      "longer and declared": 1,
    });
  });

  it("of the complete name are not those of a longer one", () => {
    const given = { typedLength: 5, longerNames: 7 };
    const complete: Features = {
      complete: 1,
      "typed of the complete one": log(5),
    };
    assertFeatures(features(total, true, given), complete);
    const declared = { ...given, isDeclaration: true };
    assertFeatures(features(total, true, declared), {
      ...complete,
      "complete and declared": 1,
    });
    const known = { ...total, elsewhere: { ...nowhere, files: 1 } };
    assertFeatures(features(known, true, given), {
      ...complete,
      elsewhere: 1,
      files: log(2),
      "complete and known": 1,
    });
    const once = features({ ...total, after: 1, fitting: 1 }, true, given);
    assert.equal(once["complete and known"], 1);
  });

  it("of what the network alone writes are that nobody knows it", () => {
    const given = { longerNames: 7, isDeclaration: true };
    assertFeatures(features(undefined, false, given), { unknown: 1 });
  });
});

describe("features of a word", () => {
  const word: RankedWord = {
    candidate: undefined,
    logProbability: -3,
    isOwn: true,
    isComplete: false,
  };
  /** The first four, which come before those of the candidate. */
  const own = (given: Partial<RankedWord>, typedLength: number) =>
    featuresOf({ ...word, ...given }, { ...place, typedLength }).slice(0, 4);

  it("are what the network thinks of it", () => {
    assert.deepEqual(own({}, 2), [-3, 1, log(2) * -3, 0]);
    assert.deepEqual(own({ isOwn: false }, 2), [-3, 0, log(2) * -3, 0]);
    assert.deepEqual(own({}, 0), [-3, 1, log(1) * -3, 1]);
    assert.deepEqual(own({ isOwn: false }, 0), [-3, 0, log(1) * -3, 0]);
    assert.deepEqual(
      featuresOf(word, place).slice(4),
      candidateFeatures(undefined, false, place),
    );
  });

  it("of none of them are letters typed, and the best that the network knows", () => {
    const words = [word, { ...word, logProbability: -1 }];
    const none = (position: Partial<Position>) =>
      noneFeatures({ ...place, ...position }, words);
    assert.deepEqual(none({}), [1, log(2), -1, log(2), 0, 0]);
    const declared = { typedLength: 0, isDeclaration: true };
    assert.deepEqual(none(declared), [1, 0, -1, log(2), 1, 1]);
  });
});

describe("the position of a name", () => {
  const at = (before: string, candidates: readonly NameCandidate[]) =>
    positionOf({ typed: "to", before, after: "" }, candidates);
  const complete = { ...total, name: "to" };

  it("has what is common to its candidates", () => {
    assert.deepEqual(
      at("const to", [
        complete,
        { ...total, distance: 40 },
        { ...total, name: "toast", distance: 30 },
      ]),
      {
        typedLength: 2,
        longerNames: 2,
        isMember: false,
        isDeclaration: true,
        nearest: 30,
        hasEditorMembers: false,
      },
    );
    assert.deepEqual(at("x.to", [{ ...total, isEditorMember: true }]), {
      typedLength: 2,
      longerNames: 1,
      isMember: true,
      isDeclaration: false,
      nearest: Infinity,
      hasEditorMembers: true,
    });
  });
});

describe("the likeliest word", () => {
  const word = (candidate: NameCandidate, logProbability = -2): RankedWord => ({
    candidate,
    logProbability,
    isOwn: false,
    isComplete: false,
  });
  const probability = (
    words: readonly RankedWord[],
    position: Partial<Position> = {},
  ) => likeliest(words, { ...place, ...position })!.probability;
  const odds = (p: number) => p / (1 - p);

  it("shares its probability with the others and with none of them", () => {
    // s / (s + n) and s / (2 s + n · 2^w), where w is the weight of the number of words for "none".
    const alone = probability([word(total)]);
    const none = (1 / odds(alone)) * 2 ** weights.none[3]!;
    const two = probability([word(total), word(total)]);
    assert.ok(Math.abs(two - 1 / (2 + none)) < 1e-12, `${two}`);
  });

  it("is the first of equals, and the one that the weights favour", () => {
    const words = [word(total), word(total), word(total, -1)];
    assert.equal(likeliest(words, place)!.word, words[2]);
    assert.equal(likeliest(words.slice(0, 2), place)!.word, words[0]);
  });

  it("is e^6 times as likely where the editor names it, once a letter is typed", () => {
    const named = word({ ...total, isEditorMember: true });
    const member = { hasEditorMembers: true };
    const ratio = (typedLength: number) =>
      log(odds(probability([named], { ...member, typedLength }))) -
      log(odds(probability([named], { typedLength })));
    assert.ok(Math.abs(ratio(1) - 6) < 1e-9, `${ratio(1)}`);
    // With nothing typed the editor may have left members out.
    assert.ok(Math.abs(ratio(0)) < 1e-9, `${ratio(0)}`);
  });

  it("is seldom one that the editor does not name where it names others", () => {
    const named = { ...total, isEditorMember: true };
    const guess = (candidate: NameCandidate, hasEditorMembers = true) =>
      firstGuess(candidate, false, { ...place, hasEditorMembers }, -2);
    assert.ok(Math.abs(guess(named) - guess(total) - 6) < 1e-9);
    assert.equal(guess(named), guess(total, false));
  });

  it("is guessed from its first token and its features before it is run", () => {
    const guess = (firstToken: number, isComplete: boolean) =>
      firstGuess(total, isComplete, place, firstToken);
    const step = guess(-1, false) - guess(-2, false);
    assert.ok(Math.abs(step - weights.guess[0]!) < 1e-9);
    // A complete name has its own letters in place of those of a longer one, and nothing left.
    const sum = (features: Features) =>
      meanings.reduce(
        (all, meaning, i) =>
          all + (features[meaning] ?? 0) * weights.guess[i + 1]!,
        0,
      );
    const difference = guess(-2, true) - guess(-2, false);
    const expected =
      sum({ complete: 1, "typed of the complete one": log(2) }) -
      sum(twoOfFive);
    assert.equal(weights.guess.length, meanings.length + 1);
    assert.ok(Math.abs(difference - expected) < 1e-9);
  });

  it("has no words without any, and needs none of them to be possible", () => {
    assert.equal(likeliest([], place), undefined);
    // Greater than a double holds as a power, were it not for the greatest score.
    const certain = probability([word(total, 5000)]);
    assert.ok(certain > 0.999 && certain <= 1, `${certain}`);
  });
});

describe("the ranking of names", () => {
  const place = { typed: "tot", before: "x.tot", after: "" };
  const word = (
    logProbability: number,
    given?: Partial<NameCandidate>,
  ): RankedWord => ({
    candidate: nameCandidate("total", { before: 1, distance: 50, ...given }),
    logProbability,
    isOwn: false,
    isComplete: false,
  });
  const best = (...words: RankedWord[]) =>
    likeliest(
      words,
      positionOf(
        place,
        words.map(({ candidate }) => candidate!),
      ),
    );

  it("is as sure of a word that stands nowhere as the network, where there is no other", () => {
    const only = { ...word(-2), candidate: undefined, isOwn: true };
    const found = likeliest([only], positionOf({ ...place, typed: "" }, []))!;
    assert.equal(found.probability, Math.exp(-2));
  });

  it("takes what the network thinks likelier, with a probability below 1", () => {
    const words = [word(-5), word(-1)];
    const found = best(...words)!;
    assert.equal(found.word, words[1]);
    assert.ok(found.probability > 0.2 && found.probability < 1);
  });

  it("takes what stands in the file oftener, behind the same text, or is new", () => {
    for (const better of [{ before: 9 }, { match: 9 }, { isUnused: true }]) {
      const words = [word(-3), word(-3, better)];
      assert.equal(best(...words)!.word, words[1], JSON.stringify(better));
    }
  });

  it("takes a member that the editor names before a name that it does not know", () => {
    const words = [word(-1), word(-3, { isEditorMember: true })];
    assert.equal(best(...words)!.word, words[1]);
    const position = positionOf(
      place,
      words.map(({ candidate }) => candidate!),
    );
    const [unknown, member] = words.map(({ candidate }) =>
      firstGuess(candidate, false, position, -2),
    );
    assert.ok(member! > unknown!);
  });

  it("takes a name of the library from which it is taken before one that is as likely by all else", () => {
    const elsewhere = { ...nowhere, files: 1, imported: true };
    const other = word(-3, { elsewhere });
    const own = word(-4, { elsewhere: { ...elsewhere, named: true } });
    const { word: first, probability } = best(other, own)!;
    assert.equal(first, own);
    assert.ok(probability > best(other, word(-4, { elsewhere }))!.probability);
  });

  it("is surer of the only member that the editor names than of a name of the text", () => {
    const unknown = best(word(-6))!.probability;
    const member = best(word(-6, { isEditorMember: true }))!.probability;
    assert.ok(1 - member < (1 - unknown) / 10, `${member}, ${unknown}`);
  });

  it("has nothing to say of no words", () => {
    assert.equal(best(), undefined);
  });
});
