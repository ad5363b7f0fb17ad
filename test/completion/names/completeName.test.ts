import assert from "node:assert/strict";
import type {
  NameCandidate,
  ProjectNames,
} from "../../../src/completion/names/candidates";
import {
  completeName,
  namesAt,
  wordsAt,
  worthRunning,
  type NameSources,
} from "../../../src/completion/names/completeName";
import weights from "../../../src/completion/names/nameWeights.json";
import type { Position } from "../../../src/completion/names/ranking";
import { NoSuggestion } from "../../../src/completion/reasons";
import { expecting, writtenUpTo } from "../../support/expecting";
import { nameCandidate, nowhere } from "../../support/nameCandidates";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer();
const bytes = (text: string) => Buffer.from(text);
const never = new AbortController().signal;
const candidate = (name: string, given: Partial<NameCandidate> = {}) =>
  nameCandidate(name, { before: 1, distance: 50, fitting: 1, ...given });
const namesOf = (candidates: readonly NameCandidate[]) =>
  candidates.map(({ name }) => name);

describe("the names that are worth a run", () => {
  const position: Position = {
    typedLength: 1,
    longerNames: 9,
    isMember: false,
    isDeclaration: false,
    nearest: 50,
    hasEditorMembers: false,
  };
  const worth = (
    candidates: readonly NameCandidate[],
    texts: Readonly<Record<string, number>> = {},
    ...limits: [most?: number, behind?: number]
  ) =>
    namesOf(
      worthRunning(
        expecting(tokenizer, texts),
        tokenizer,
        bytes(""),
        candidates,
        position,
        ...limits,
      ),
    );

  it("are what is typed, then the likeliest of the longer ones", () => {
    const often = candidate("xoften", { before: 40 });
    const seldom = candidate("xseldom");
    const complete = candidate("x", { before: 0 });
    assert.deepEqual(worth([complete, seldom, often]), [
      "x",
      "xoften",
      "xseldom",
    ]);
    // Nothing is healed here, so the network says what comes after the "x"; six names, however unlikely.
    assert.deepEqual(worth([often, seldom], { seldom: 1 }, 6, Infinity), [
      "xseldom",
      "xoften",
    ]);
  });

  it("are six longer ones at the most, and none far behind the likeliest", () => {
    const alike = "abcdefgh".split("").map((end) => candidate(`x${end}`));
    const six = ["xa", "xb", "xc", "xd", "xe", "xf"];
    assert.deepEqual(worth(alike), six);
    assert.deepEqual(worth([candidate("x"), ...alike]), ["x", ...six]);
    // A name of the editor is worth a factor of e^6, and what is behind by e^4 is left out.
    const some = alike.slice(0, 3);
    const named = candidate("xc", { isEditorMember: true });
    const withEditor = (behind?: number) =>
      namesOf(
        worthRunning(
          expecting(tokenizer, {}),
          tokenizer,
          bytes(""),
          [...some.slice(0, 2), named],
          { ...position, hasEditorMembers: true },
          6,
          behind,
        ),
      );
    assert.deepEqual(withEditor(), ["xc"]);
    assert.deepEqual(withEditor(5.9), ["xc"]);
    assert.deepEqual(withEditor(6.1), ["xc", "xa", "xb"]);
    assert.deepEqual(worth(some, {}, 2), ["xa", "xb"]);
    // Equals are not behind.
    assert.deepEqual(worth(some, {}, 6, 0), ["xa", "xb", "xc"]);
  });

  it("are the shorter of two that are as likely", () => {
    const found = worth([candidate("xlongername"), candidate("xab")]);
    assert.deepEqual(found, ["xab", "xlongername"]);
  });

  it("are behind the likeliest by a factor of e^4 at the most", () => {
    // By how much less likely the network has to think the first token.
    const factor = (behind: number) => behind / weights.guess[0]!;
    const worthAt = (behind: number) =>
      namesOf(
        worthRunning(
          expecting(tokenizer, { a: 1 }, { noise: Math.exp(-factor(behind)) }),
          tokenizer,
          bytes(""),
          [candidate("xb"), candidate("xa")],
          position,
        ),
      );
    assert.deepEqual(worthAt(3.9), ["xa", "xb"]);
    assert.deepEqual(worthAt(4.2), ["xa"]);
  });

  it("are looked for among 96 that are likely without the network", () => {
    const often = Array.from({ length: 96 }, (_, i) =>
      candidate(`xa${String.fromCharCode(0x4e00 + i)}`, { before: 9 }),
    );
    const surely = { best: 1 };
    const best = candidate("xbest");
    assert.ok(!worth([...often, best], surely).includes("xbest"));
    assert.equal(worth([...often.slice(1), best], surely)[0], "xbest");
  });
});

describe("the words that a name may become", () => {
  const words = async (
    typed: string,
    texts: Readonly<Record<string, number>>,
    candidates: readonly NameCandidate[],
  ) =>
    (
      await wordsAt(
        expecting(tokenizer, texts),
        tokenizer,
        bytes(typed),
        typed,
        candidates,
        never,
      )
    ).map(({ candidate: of, rest, isOwn, isComplete, logProbability }) => ({
      name: of?.name,
      rest: Buffer.from(rest).toString(),
      isOwn,
      isComplete,
      percent: Math.round(100 * Math.exp(logProbability)),
    }));

  it("are the candidates, and the network's own where it is none of them", async () => {
    const texts = { "total;": 0.7, "toast;": 0.3 };
    assert.deepEqual(
      await words("to", texts, [candidate("to"), candidate("toast")]),
      [
        {
          name: "to",
          rest: "",
          isOwn: false,
          isComplete: true,
          percent: 0,
        },
        {
          name: "toast",
          rest: "ast",
          isOwn: false,
          isComplete: false,
          percent: 30,
        },
        {
          name: undefined,
          rest: "tal",
          isOwn: true,
          isComplete: false,
          percent: 70,
        },
      ],
    );
  });

  it("have the network's own once where it is a candidate", async () => {
    const texts = { "total;": 0.7, "toast;": 0.3 };
    const found = await words("to", texts, [
      candidate("total"),
      candidate("toast"),
    ]);
    assert.deepEqual(
      found.map(({ name, isOwn }) => [name, isOwn]),
      [
        ["total", true],
        ["toast", false],
      ],
    );
  });

  it("are run once each", async () => {
    const continuation = expecting(tokenizer, { "total;": 0.7, "toast;": 0.3 });
    const candidates = [candidate("total"), candidate("toast")];
    const prefix = bytes("to");
    await wordsAt(continuation, tokenizer, prefix, "to", candidates, never);
    // Five letters of each: the first is the network's own, too.
    assert.equal(continuation.pushes.length, 10);
  });

  it("are not run any more once nobody waits", async () => {
    const reason = new NoSuggestion("cancelled");
    await assert.rejects(
      wordsAt(
        expecting(tokenizer, { "total;": 1 }),
        tokenizer,
        bytes("to"),
        "to",
        [candidate("toast")],
        AbortSignal.abort(reason),
      ),
      reason,
    );
  });
});

describe("the end of the name at the cursor", () => {
  const complete = async (
    before: string,
    texts: Readonly<Record<string, number>>,
    given: Partial<NameSources> & { prefix?: string } = {},
  ) => {
    const { prefix = /\w*$/.exec(before)![0], ...sources } = given;
    const continuation = expecting(tokenizer, texts);
    const found = await completeName(
      continuation,
      tokenizer,
      bytes(prefix),
      { languageId: "plaintext", before, after: "", names: [], ...sources },
      never,
    );
    assert.equal(continuation.written, "");
    return found;
  };

  it("is that of a name of the file, with the position behind it", async () => {
    const found = await complete("total = 1; to", {
      "total;": 0.6,
      "toast;": 0.4,
    });
    assert.equal(found!.text, "tal");
    assert.equal(found!.isKnown, true);
    assert.equal(writtenUpTo(found!.mark), "total");
    assert.ok(found!.logProbability < 0);
    assert.ok(Math.exp(found!.logProbability) > 0.3);
  });

  it("is the network's own where it stands nowhere, and says so", async () => {
    const found = await complete("x = 1; newna", { "newname;": 1 });
    assert.deepEqual([found!.text, found!.isKnown], ["me", false]);
  });

  it("may be a word of the language, a name of another file or of the project", async () => {
    const texts = { "return;": 1 };
    const isKnown = async (given: Partial<NameSources>) =>
      (await complete("x = 1; retu", texts, given))!.isKnown;
    assert.equal(await isKnown({}), false);
    assert.equal(await isKnown({ languageId: "python" }), true);
    assert.equal(await isKnown({ names: [new Set(["return"])] }), true);
    const asked: Parameters<ProjectNames>[0][] = [];
    const projectNames: NameSources["projectNames"] = (place) => {
      asked.push(place);
      return [{ ...nowhere, name: "return", files: 1, distance: 1 }];
    };
    assert.equal(await isKnown({ projectNames }), true);
    assert.deepEqual(asked, [
      { typed: "retu", member: false, from: undefined },
    ]);
  });

  it("is no word of the language behind a dot", () => {
    const at = (before: string) =>
      namesOf(
        namesAt("retu", {
          languageId: "python",
          before,
          after: "",
          names: [],
        }).candidates,
      );
    assert.deepEqual(at("x = retu"), ["retu", "return"]);
    assert.deepEqual(at("x.retu"), ["retu"]);
  });

  it("may be a member that the editor knows", async () => {
    const texts = { "flx;": 0.9, "flat;": 0.1 };
    const editorMembers = () => Promise.resolve(new Set(["flat"]));
    const found = await complete("list.fl", texts, { editorMembers });
    assert.equal(found!.text, "at");
    const none = await complete("list.fl", texts);
    assert.equal(none!.text, "x");
  });

  it("is none where nothing was healed, or nothing is typed and no member is named", async () => {
    const texts = { "total;": 1 };
    assert.equal(await complete("total to", texts, { prefix: "" }), undefined);
    const space = { prefix: " " };
    assert.equal(
      await complete("total = ", { " total;": 1 }, space),
      undefined,
    );
    const dot = await complete(
      "x.total; y.",
      { ".total;": 1 },
      { prefix: "." },
    );
    assert.equal(dot!.text, "total");
  });

  it("is not looked for once nobody waits, however late the editor answers", async () => {
    const abort = new AbortController();
    const reason = new NoSuggestion("cancelled");
    const continuation = expecting(tokenizer, { "list.flat;": 1 });
    const sources: NameSources = {
      languageId: "plaintext",
      before: "list.fl",
      after: "",
      names: [],
      editorMembers: () => {
        abort.abort(reason);
        return Promise.resolve(new Set(["flat"]));
      },
    };
    await assert.rejects(
      completeName(continuation, tokenizer, bytes("fl"), sources, abort.signal),
      reason,
    );
    assert.deepEqual(continuation.pushes, []);
  });

  it("is none of those that were suggested before, nor then what is typed alone", async () => {
    const texts = { "total;": 0.5, "toast;": 0.3, "to;": 0.2 };
    const other = async (...taken: string[]) =>
      (await complete("total; toast; to", texts, { taken }))?.text;
    assert.equal(await other(), "tal");
    assert.equal(await other("tal = 2;"), "ast");
    // Where all names are taken, a text may go on behind the first one in another way.
    assert.equal(await other("tal = 2;", "ast()"), "tal");
    // Another name that begins like it is another one.
    assert.equal(await other("talX = 2;"), "tal");
  });
});
