import assert from "node:assert/strict";
import { mock } from "node:test";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { MembersParams } from "../../../src/protocol";
import { EditorMembers } from "../../../src/server/features/members";
import { cursor } from "../../support/cursor";
import { ServerProcess } from "../../support/serverProcess";

describe("members that the editor knows", () => {
  let asked: MembersParams[];
  let answer: () => Promise<unknown>;
  let members: EditorMembers;
  let log: string[];

  beforeEach(() => {
    asked = [];
    log = [];
    answer = () => Promise.resolve(["flat", "flatMap"]);
    members = new EditorMembers(
      (params) => {
        asked.push(params);
        return answer() as Promise<string[]>;
      },
      (line) => log.push(line),
    );
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  const at = async (marked: string): Promise<string[]> => {
    const text = marked.replace(cursor, "");
    const document = TextDocument.create("file:///a.ts", "", 1, text);
    return [...(await members.at(document, marked.indexOf(cursor))())];
  };

  it("are asked for where the name starts", async () => {
    assert.deepEqual(await at("let a;\nlist.fla█"), ["flat", "flatMap"]);
    assert.deepEqual(asked, [
      {
        textDocument: { uri: "file:///a.ts" },
        position: { line: 1, character: 5 },
        before: "list.",
      },
    ]);
  });

  it("are asked for once while the name is typed, and anew behind another access", async () => {
    for (const text of ["list.█", "list.f█", "list.fl█"])
      assert.deepEqual(await at(text), ["flat", "flatMap"]);
    assert.equal(asked.length, 1);
    await at("other.f█");
    assert.equal(asked.length, 2);
    for (const text of ["map->f█", "std::f█", "a?.f█"]) await at(text);
    assert.equal(asked.length, 5);
  });

  it("are not asked for where there is no access to a member", async () => {
    for (const text of ["list█", "█", "1.█", "[...fl█", "f(█", "a. b█"])
      assert.deepEqual(await at(text), [], text);
    assert.equal(asked.length, 0);
  });

  describe("by a clock", () => {
    let now: number;
    let answerWith: (names: string[]) => void;

    beforeEach(() => {
      now = 1000;
      mock.timers.enable({ apis: ["setTimeout"] });
      mock.method(performance, "now", () => now);
      answer = () => new Promise((resolve) => (answerWith = resolve));
    });

    const pass = async (ms: number): Promise<void> => {
      now += ms;
      mock.timers.tick(ms);
      await new Promise(setImmediate);
    };

    /** Asks at a place that is answered after some time; tells what is known when, and the wait. */
    async function asking(
      text: string,
      answerMs: number,
    ): Promise<{ names: string[]; waited: boolean }> {
      let names: string[] | undefined;
      void at(text).then((known) => (names = known));
      await pass(0);
      const waited = names === undefined;
      await pass(Math.min(answerMs, 40));
      await pass(Math.max(0, answerMs - 40));
      answerWith(["flat"]);
      await pass(0);
      return { names: names!, waited };
    }

    it("that come late serve the next key, and nothing is asked meanwhile", async () => {
      const first = at("list.f█");
      await pass(40);
      assert.deepEqual(await first, []);
      assert.deepEqual(await at("other.f█"), []);
      assert.equal(asked.length, 1);
      const { revision } = members;
      answerWith(["flat"]);
      await pass(0);
      // What was suggested without it is made again.
      assert.ok(members.revision > revision);
      assert.deepEqual(await at("list.fl█"), ["flat"]);
      assert.equal(asked.length, 1);
    });

    it("are not waited for while they usually come late", async () => {
      const late = { names: [], waited: true };
      assert.deepEqual(await asking("a.f█", 5000), late);
      const missed = { names: [], waited: false };
      assert.deepEqual(await asking("b.f█", 5000), missed);
      // However long that was, it counts as 80 ms: 80, 57, 40.2.
      assert.deepEqual(await asking("c.f█", 2), missed);
      assert.deepEqual(await asking("d.f█", 2), missed);
      assert.deepEqual(await asking("e.f█", 2), missed);
      assert.deepEqual(await asking("f.f█", 2), {
        names: ["flat"],
        waited: true,
      });
    });

    it("are waited for longer where the suggestion is started before it is requested", async () => {
      const document = TextDocument.create("file:///a.ts", "", 1, "b.f");
      let isAnswered = false;
      void members
        .at(document, 3, 50)()
        .then(() => (isAnswered = true));
      await pass(89);
      assert.ok(!isAnswered);
      await pass(1);
      assert.ok(isAnswered);
    });

    it("count where they are there when they are needed, waited for or not", async () => {
      await asking("a.f█", 5000);
      const document = TextDocument.create("file:///a.ts", "", 1, "b.f");
      const known = members.at(document, 3);
      await pass(20);
      answerWith(["flat"]);
      await pass(0);
      assert.deepEqual([...(await known())], ["flat"]);
    });

    it("have a suggestion made again that went without them, however quick they were", async () => {
      await asking("a.f█", 5000);
      const { revision } = members;
      const missed = { names: [], waited: false };
      assert.deepEqual(await asking("b.f█", 10), missed);
      assert.equal(members.revision, revision + 1);
    });

    it("have a suggestion made again at a place that could not be asked about", async () => {
      const first = at("a.f█");
      assert.deepEqual(await at("b.f█"), []);
      const { revision } = members;
      answerWith([]);
      assert.deepEqual(await first, []);
      assert.equal(members.revision, revision + 1);
      const second = at("b.f█");
      answerWith(["flat"]);
      assert.deepEqual(await second, ["flat"]);
      assert.equal(members.revision, revision + 1);
    });

    it("are counted in the log: what came in time, late, and not at all", async () => {
      await asking("list.f█", 10);
      await asking("late.f█", 55);
      answer = () => Promise.resolve([]);
      assert.deepEqual(await at("none.f█"), []);
      assert.deepEqual(log, [
        "members: 1 in 10 ms; of 1 questions 1 were answered in time, 0 too late",
        "members: 1 in 55 ms; of 2 questions 1 were answered in time, 1 too late",
        "members: 0 in 0 ms; of 3 questions 1 were answered in time, 1 too late",
      ]);
    });
  });

  it("are none where the editor fails, answers nonsense or never, and it is asked again", async () => {
    for (const wrong of [
      () => Promise.reject(new Error("gone")),
      () => Promise.resolve(null),
      () => Promise.resolve([1, {}]),
    ]) {
      answer = wrong;
      assert.deepEqual(await at("list.f█"), []);
    }
    assert.equal(asked.length, 3);
    mock.timers.enable({ apis: ["setTimeout"] });
    answer = () => new Promise(() => undefined);
    const never = at("list.f█");
    mock.timers.tick(10_000);
    assert.deepEqual(await never, []);
    // What waited for the answer goes on first.
    for (let i = 0; i < 5; i++) await Promise.resolve();
    answer = () => Promise.resolve(["flat"]);
    assert.deepEqual(await at("list.f█"), ["flat"]);
  });

  describe("over the wire", () => {
    let server: ServerProcess;
    afterEach(() => server.stop());

    const start = async (
      isAnswering: boolean,
      editorMembers = true,
    ): Promise<void> => {
      server = await ServerProcess.start({
        texts: ["list.flush"],
        initializationOptions: {
          members: isAnswering,
          settings: { editorMembers },
        },
      });
      server.connection.onRequest("rwkv/members", (params: MembersParams) => {
        asked.push(params);
        return ["flat"];
      });
      await server.open("file:///a.ts", "list.fl█");
      await server.ready();
    };

    it("are asked of a client that answers, while its user wants it", async () => {
      await start(true);
      await server.complete("file:///a.ts", "list.fl█");
      assert.deepEqual(
        asked.map(({ position }) => position),
        [{ line: 0, character: 5 }],
      );
    });

    it("are not asked of another client, nor where they are switched off", async () => {
      await start(false);
      await server.complete("file:///a.ts", "list.fl█");
      await server.stop();
      await start(true, false);
      await server.complete("file:///a.ts", "list.fl█");
      assert.deepEqual(asked, []);
    });
  });
});
