import assert from "node:assert/strict";
import type {
  NameCandidate,
  ProjectNames,
} from "../../../src/completion/names/candidates";
import {
  completeName,
  namesAt,
  type NameSources,
} from "../../../src/completion/names/completeName";
import { NoSuggestion } from "../../../src/completion/reasons";
import { unlimited } from "../../../src/completion/timeBudget";
import { expecting, writtenUpTo } from "../../support/expecting";
import { nowhere } from "../../support/nameCandidates";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer();
const bytes = (text: string) => Buffer.from(text);
const never = new AbortController().signal;
const namesOf = (candidates: readonly NameCandidate[]) =>
  candidates.map(({ name }) => name);

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
      { signal: never, timeBudget: unlimited },
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
      completeName(continuation, tokenizer, bytes("fl"), sources, {
        signal: abort.signal,
        timeBudget: unlimited,
      }),
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
