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
    return [...(await members.at(document, marked.indexOf(cursor)))];
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

  it("that come late serve the next key, and nothing is asked meanwhile", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let late: (names: string[]) => void = () => undefined;
    answer = () => new Promise((resolve) => (late = resolve));
    const first = at("list.f█");
    mock.timers.tick(40);
    assert.deepEqual(await first, []);
    assert.deepEqual(await at("other.f█"), []);
    assert.equal(asked.length, 1);
    const { revision } = members;
    mock.timers.reset();
    // By the clock, it has taken long.
    mock.method(performance, "now", () => 1e9);
    late(["flat"]);
    assert.deepEqual(await at("list.fl█"), ["flat"]);
    assert.equal(asked.length, 1);
    // What was suggested without it is made again.
    assert.ok(members.revision > revision);
  });

  it("are counted in the log: what came in time, late, and not at all", async () => {
    const now = mock.method(performance, "now", () => 0);
    await at("list.f█");
    answer = () => Promise.resolve([]);
    await at("none.f█");
    answer = async () => {
      await Promise.resolve();
      now.mock.mockImplementation(() => 55);
      return ["flat"];
    };
    await at("late.f█");
    assert.deepEqual(log, [
      "members: 2 in 0 ms; of 1 questions 1 were answered within 40 ms, 0 later",
      "members: 0 in 0 ms; of 2 questions 1 were answered within 40 ms, 0 later",
      "members: 1 in 55 ms; of 3 questions 1 were answered within 40 ms, 1 later",
    ]);
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
