import assert from "node:assert/strict";
import type { Availability } from "../../src/client/availability";
import type * as middleware from "../../src/client/middleware";
import { FakeEditor, textEditor } from "./support/fakeVscode";

const invoked = { triggerKind: 0 };
const automatic = { triggerKind: 1 };

describe("middleware", () => {
  let editor: FakeEditor;
  let on: boolean;
  let busy: string[];
  let asked: number;
  let isAskedAgain: boolean;
  let kinds: number[];
  /** What the engine answers. */
  let answer: () => Promise<unknown>;
  let given: unknown[];
  let steps: ReturnType<typeof middleware.middleware>;

  beforeEach(() => {
    editor = new FakeEditor();
    on = true;
    busy = [];
    given = [];
    asked = 0;
    isAskedAgain = false;
    kinds = [];
    answer = () => Promise.resolve(["item"]);
    steps = editor
      .load<typeof middleware>("middleware")
      .middleware(
        { of: () => ({ on, reason: "" }) } as unknown as Availability,
        { onItems: (_document, _position, items) => given.push(...items) },
        { kindOf: (_document, _position, kind) => (isAskedAgain ? 1 : kind) },
        (uri) => busy.includes(uri),
      );
  });

  const ask = (context: object): unknown =>
    steps.provideInlineCompletionItems?.(
      textEditor("/a.ts").document as never,
      {} as never,
      context as never,
      {} as never,
      (_document, _position, { triggerKind }) => {
        asked++;
        kinds.push(triggerKind);
        return answer() as never;
      },
    );

  it("passes a request on where suggestions are on", async () => {
    assert.deepEqual(await ask(automatic), ["item"]);
    assert.deepEqual(given, ["item"]);
  });

  it("sends nothing while one types where they are off, but obeys a command", async () => {
    on = false;
    assert.equal(await ask(automatic), undefined);
    assert.equal(asked, 0);
    assert.deepEqual(await ask(invoked), ["item"]);
  });

  it("asks as while typing where it asks again by itself", async () => {
    await ask(invoked);
    isAskedAgain = true;
    await ask(invoked);
    assert.deepEqual(kinds, [0, 1]);
    on = false;
    assert.equal(await ask(invoked), undefined);
    assert.equal(asked, 2);
  });

  it("sends nothing for a document that is being written into", async () => {
    busy = ["file:///a.ts"];
    assert.equal(await ask(invoked), undefined);
    assert.equal(asked, 0);
  });

  it("shows nothing where the engine fails", async () => {
    answer = () => Promise.reject(new Error("the engine ended"));
    assert.equal(await ask(automatic), undefined);
    assert.equal(asked, 1);
  });

  it("answers for settings with those of the open document's language", () => {
    const { document } = textEditor("/a.ts");
    editor.textDocuments = [document];
    const scopes: unknown[] = [];
    const keyOf = (scope: unknown) =>
      scope === document ? "the document" : String(scope);
    editor.onConfiguration = (scope) => scopes.push(scope);
    editor.settings.set("rwkv", { maxLines: 3 });
    const configuration = steps.workspace!.configuration as unknown as (
      params: object,
      token: object,
      next: () => unknown,
    ) => unknown;
    const items = ["file:///a.ts", "file:///b.ts", undefined].map(
      (scopeUri) => ({ section: "rwkv", scopeUri }),
    );
    assert.deepEqual(
      configuration({ items }, {}, () => "next"),
      Array(3).fill({
        maxLines: 3,
        enable: true,
        languages: {},
        exclude: [],
      }),
    );
    const [first, second, ...others] = [...new Set(scopes.map(keyOf))];
    assert.equal(first, keyOf(document));
    assert.equal(second, "file:///b.ts");
    assert.deepEqual(others, ["undefined"]);
    editor.settings.clear();
    assert.deepEqual(
      configuration({ items: [items[2]] }, {}, () => "next"),
      [null],
    );
    assert.equal(
      configuration({ items: [{ section: "other" }] }, {}, () => "next"),
      "next",
    );
  });

  describe("settings of a workspace", () => {
    const settings = () => {
      const configuration = steps.workspace!.configuration as unknown as (
        params: object,
      ) => Record<string, unknown>[];
      return configuration({ items: [{ section: "rwkv" }] })[0]!;
    };

    beforeEach(() => editor.settings.set("rwkv", {}));
    afterEach(() => {
      editor.settings.clear();
      editor.workspaceSettings.clear();
      editor.isTrusted = true;
    });

    it("add to what the user excludes, and take nothing back", () => {
      editor.settings.set("exclude", ["mine", "!.npmrc"]);
      editor.workspaceSettings.set("exclude", ["theirs", "!.env", "!mine"]);
      assert.deepEqual(settings()["exclude"], ["mine", "!.npmrc", "theirs"]);
    });

    it("that are no list are passed on, for the engine to refuse", () => {
      editor.workspaceSettings.set("exclude", { secrets: true });
      assert.deepEqual(settings()["exclude"], [{ secrets: true }]);
    });

    it("switch nothing on without trust, and anything off", () => {
      editor.isTrusted = false;
      editor.settings.set("enable", false);
      editor.settings.set("languages", { python: false, c: true });
      editor.workspaceSettings.set("enable", true);
      editor.workspaceSettings.set("languages", { python: true, c: false });
      assert.equal(settings()["enable"], false);
      assert.deepEqual(settings()["languages"], { python: false, c: false });
      editor.isTrusted = true;
      assert.equal(settings()["enable"], true);
      assert.deepEqual(settings()["languages"], { python: true, c: false });
    });
  });
});
