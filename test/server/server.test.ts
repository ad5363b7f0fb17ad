import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import type { InlineCompletionList } from "vscode-languageserver-protocol";
import { acceptedCommand, type GenerateResult } from "../../src/protocol";
import { atCursor } from "../support/cursor";
import {
  positionAt,
  ServerProcess,
  type StartOptions,
} from "../support/serverProcess";

const uri = "file:///work/main.ts";
const line = "const answer = 42;\n";

describe("server", () => {
  let server: ServerProcess;

  async function start(options: Partial<StartOptions> = {}): Promise<void> {
    server = await ServerProcess.start({ texts: [line], ...options });
  }

  /** Opens a document and waits until it can be completed. */
  async function opened(marked: string, at = uri): Promise<void> {
    await server.open(at, marked);
    await server.ready();
  }

  afterEach(() => server.stop());

  it("says who it is and what it can do", async () => {
    await start();
    const { serverInfo, capabilities } = server.initialized as {
      serverInfo: { name: string };
      capabilities: Record<string, unknown>;
    };
    assert.equal(serverInfo.name, "rwkv-language-server");
    assert.equal(capabilities["inlineCompletionProvider"], true);
    assert.deepEqual(capabilities["textDocumentSync"], {
      openClose: true,
      change: 2,
    });
  });

  it("gives a sign of life at once, and says which process to end if it does not", async () => {
    await start();
    const { rwkvProcessId } = server.initialized as { rwkvProcessId: unknown };
    assert.equal(rwkvProcessId, server.process.pid);
    assert.equal(await server.connection.sendRequest("rwkv/ping", {}), null);
  });

  it("completes at the cursor, and logs one line for it", async () => {
    await start();
    await opened("const answer = █");
    const items = await server.complete(uri, "const answer = █");
    const cursor = { line: 0, character: 15 };
    const command = {
      command: acceptedCommand,
      title: "RWKV",
      arguments: [1],
    };
    const range = { start: cursor, end: cursor };
    assert.deepEqual(items, [{ insertText: "42;", range, command }]);
    assert.equal(await server.lastReason(), "generated");
    assert.equal(
      server.log.filter((entry) => entry.includes("main.ts:1:16")).length,
      1,
    );
    assert.ok(
      !server.log.some((entry) => entry.includes("42")),
      "no text in the log",
    );
  });

  it("tells loading, ready and thinking apart", async () => {
    await start({ loadMs: 50 });
    await server.open(uri, "const █");
    assert.equal(await server.suggestion(uri, "const █"), "");
    assert.equal(await server.lastReason(), "model loading");
    await server.ready();
    await server.suggestion(uri, "const █");
    await server.figures();
    const states = server.statuses.map(({ state }) => state);
    assert.deepEqual(states, ["loading", "ready", "thinking", "ready"]);
  });

  it("follows edits, and types through without a model call", async () => {
    await start();
    await opened("const █");
    assert.equal(await server.suggestion(uri, "const █"), "answer = 42;");
    const { runs } = await server.figures();
    for (const typed of ["a", "an", "ans", "answ", "answe"]) {
      await server.edit(uri, `const ${typed}█`);
      assert.equal(
        typed + (await server.suggestion(uri, `const ${typed}█`)),
        "answer = 42;",
      );
    }
    assert.equal((await server.figures()).runs, runs);
  });

  it("makes no model call after a deletion", async () => {
    await start();
    await opened("const answers█");
    const { runs } = await server.figures();
    await server.edit(uri, "const answer█");
    assert.equal(await server.suggestion(uri, "const answer█"), "");
    assert.equal(await server.lastReason(), "deletion");
    assert.equal((await server.figures()).runs, runs);
    assert.equal(await server.suggestion(uri, "const answer█", 1), " = 42;");
  });

  it("computes nothing after a cancellation", async () => {
    await start({ endless: "one two ", stepMs: 8 });
    await opened("let x = █");
    const source = new CancellationTokenSource();
    const request = server.complete(uri, "let x = █", source.token);
    await server.runsBeyond(2);
    source.cancel();
    assert.deepEqual(await request, []);
    const { runs } = await server.figures();
    await sleep(50);
    assert.equal((await server.figures()).runs, runs);
    assert.equal(await server.lastReason(), "cancelled");
  });

  describe("after the time budget", () => {
    const place = "let x = █";
    const text = "one + two + three + four;";
    const budget = { settings: { timeBudget: 200 } };

    async function cut(
      initializationOptions: StartOptions["initializationOptions"] = budget,
    ): Promise<string> {
      const texts = [`let x = ${text}\n`];
      await start({ texts, stepMs: 15, initializationOptions });
      await opened(place);
      const first = await server.suggestion(uri, place);
      assert.ok(first !== "" && first.length < text.length, first);
      assert.ok(text.startsWith(first));
      return first;
    }
    const lengthened = () =>
      server.events.filter(({ kind }) => kind === "lengthened");
    const whenIdle = async () => {
      let runs = -1;
      for (;;) {
        const now = (await server.figures()).runs;
        if (now === runs) return;
        runs = now;
        await sleep(100);
      }
    };

    it("goes on, and tells a client that takes notifications", async () => {
      await cut();
      while (lengthened().length === 0) await sleep(5);
      assert.deepEqual(lengthened()[0], { kind: "lengthened", id: 1 });
      await whenIdle();
      const { runs } = await server.figures();
      assert.equal(await server.suggestion(uri, place), text);
      assert.equal(await server.lastReason(), "typed through");
      assert.equal((await server.figures()).runs, runs);
      assert.ok(!server.log.some((entry) => entry.includes("four")));
    });

    it("goes on while what is shown is typed", async () => {
      await cut();
      await server.edit(uri, "let x = o█");
      while (lengthened().length === 0) await sleep(5);
      await whenIdle();
      assert.equal(await server.suggestion(uri, "let x = o█"), text.slice(1));
    });

    for (const [what, end] of Object.entries<() => Promise<unknown>>({
      "an edit elsewhere": () => server.edit(uri, "█let y;\nlet x = "),
      "an edit of something else": () => server.edit(uri, "let x = y█"),
      "new settings": () =>
        server.connection.sendNotification("workspace/didChangeConfiguration", {
          settings: { rwkv: { exclude: ["**/main.ts"] } },
        }),
      "a suggestion put away": () =>
        server.connection.sendNotification("rwkv/dismissed", { id: 1 }),
      "a closed document": () => server.close(uri),
    }))
      it(`ends with ${what}`, async () => {
        await cut();
        await end();
        const { runs } = await server.figures();
        // What was told before the server had read the message is here by now.
        const told = lengthened().length;
        await sleep(50);
        // A run that had begun is one.
        assert.ok((await server.figures()).runs <= runs + 1);
        await whenIdle();
        assert.equal(lengthened().length, told);
      });

    it("goes on for a client that takes no notifications, and says nothing", async () => {
      const texts = [`let x = ${text}\n`];
      await start({
        texts,
        stepMs: 15,
        initializationOptions: { ...budget, notifications: false },
      });
      await server.open(uri, place);
      let first = "";
      while (first === "") first = await server.suggestion(uri, place);
      assert.ok(first.length < text.length);
      await whenIdle();
      const { runs } = await server.figures();
      assert.equal(await server.suggestion(uri, place), text);
      assert.equal((await server.figures()).runs, runs);
      assert.deepEqual(server.events, []);
    });

    it("has the rest of what was accepted, without a model call", async () => {
      const first = await cut();
      await server.edit(uri, `let x = ${first}█`);
      await server.connection.sendRequest("workspace/executeCommand", {
        command: acceptedCommand,
        arguments: [1],
      });
      await whenIdle();
      const { runs } = await server.figures();
      assert.equal(
        await server.suggestion(uri, `let x = ${first}█`),
        text.slice(first.length),
      );
      assert.equal((await server.figures()).runs, runs);
    });
  });

  it("completes again right after a cancellation, many times", async () => {
    await start({ stepMs: 1 });
    await opened("const █");
    for (let i = 0; i < 20; i++) {
      const source = new CancellationTokenSource();
      const request = server.complete(uri, "const █", source.token);
      await sleep(i);
      source.cancel();
      await request;
    }
    await server.edit(uri, "const an█");
    assert.equal(await server.suggestion(uri, "const an█"), "swer = 42;");
  });

  it("gives up an older request for a newer one", async () => {
    await start({ endless: "one,two,", stepMs: 5 });
    await opened("const x = █");
    const older = server.complete(uri, "const x = █");
    await server.runsBeyond(2);
    await server.edit(uri, "const answer = █");
    assert.equal(await server.suggestion(uri, "const answer = █"), "42;");
    assert.deepEqual(await older, []);
    assert.ok(server.log.some((entry) => entry.includes("superseded")));
  });

  it("gives up when the document is closed", async () => {
    await start({ endless: "one two ", stepMs: 5 });
    await opened("let x = █");
    const request = server.complete(uri, "let x = █");
    await server.runsBeyond(2);
    await server.close(uri);
    assert.deepEqual(await request, []);
    assert.equal(await server.lastReason(), "document closed");
    const { runs } = await server.figures();
    await sleep(30);
    assert.equal((await server.figures()).runs, runs);
  });

  it("hears of an acceptance by the suggestion's command, under the request's id", async () => {
    await start();
    await opened("const answer = █");
    const [item] = await server.complete(uri, "const answer = █");
    await server.connection.sendRequest("workspace/executeCommand", {
      ...item!.command,
    });
    await server.figures();
    const [id] = item!.command!.arguments as [number];
    assert.ok(server.log.includes(`#${id} was accepted`));
    assert.ok(server.log.some((line) => line.endsWith(`(#${id})`)));
    assert.deepEqual(
      server.events.map(({ kind, id }) => [kind, id]),
      [
        ["inline completion", id],
        ["accepted", id],
      ],
    );
    const [event] = server.events;
    assert.ok(event?.kind === "inline completion");
    assert.deepEqual(
      [event.uri, event.languageId, event.model],
      [uri, "typescript", "bundled"],
    );
  });

  it("hears of a suggestion that was hidden, and of no nonsense", async () => {
    await start();
    for (const params of [{ id: 7 }, { id: "7" }, {}])
      await server.connection.sendNotification("rwkv/dismissed", params);
    await server.figures();
    assert.deepEqual(server.events, [{ kind: "dismissed", id: 7 }]);
    assert.deepEqual(
      server.log.filter((line) => line.includes("dismissed")),
      ["#7 was dismissed"],
    );
  });

  for (const [what, hide] of [
    [
      "hidden",
      (id: number) =>
        server.connection.sendNotification("rwkv/dismissed", { id }),
    ],
    [
      "accepted and that is undone",
      async (id: number) => {
        await server.edit(uri, "const answer = 42;█");
        await server.connection.sendRequest("workspace/executeCommand", {
          command: acceptedCommand,
          arguments: [id],
        });
        await server.edit(uri, "const █");
      },
    ],
  ] as const)
    it(`does not suggest again what was ${what}, until something changes there`, async () => {
      await start();
      await opened("const █");
      const [item] = await server.complete(uri, "const █");
      await hide((item!.command!.arguments as [number])[0]);
      assert.equal(await server.suggestion(uri, "const █"), "");
      assert.equal(await server.lastReason(), "dismissed here");
      await server.edit(uri, "const a█");
      assert.equal(await server.suggestion(uri, "const a█"), "nswer = 42;");
    });

  for (const [clientName, lineEnds, expected] of [
    ["Neovim", undefined, "{\n  return 1;\n}"],
    ["emacs", undefined, "{\n  return 1;\n}"],
    ["Visual Studio Code", undefined, "{\r\n  return 1;\r\n}"],
    [undefined, undefined, "{\r\n  return 1;\r\n}"],
    [undefined, "lf", "{\n  return 1;\n}"],
    ["Neovim", "document", "{\r\n  return 1;\r\n}"],
  ] as const)
    it(`gives ${clientName ?? "a nameless client"} (lineEnds ${lineEnds ?? "not given"}) the line ends that it wants`, async () => {
      await start({
        texts: ["const one = 1;\nfunction f() {\n  return 1;\n}\n"],
        ...(clientName && { clientName }),
        ...(lineEnds && { initializationOptions: { lineEnds } }),
      });
      const marked = "const one = 1;\r\nfunction f() █";
      await opened(marked);
      assert.equal(await server.suggestion(uri, marked), expected);
    });

  it("tells a client without our status of a model that does not load", async () => {
    for (const notifications of [false, true]) {
      await start({
        initializationOptions: {
          notifications,
          modelsPath: "/models",
          settings: { model: "broken" },
        },
      });
      await server.open(uri, "const █");
      await assert.rejects(generate("const █").result, /no regular file/);
      assert.deepEqual(
        server.messages,
        notifications
          ? []
          : [
              "RWKV: the model in broken cannot be loaded (it is no regular file); import it again",
            ],
      );
      if (!notifications) await server.stop();
    }
  });

  it("tells it in Simplified Chinese where that is the client's language", async () => {
    await start({
      locale: "zh-cn",
      initializationOptions: {
        notifications: false,
        modelsPath: "/models",
        settings: { model: "broken" },
      },
    });
    await server.open(uri, "const █");
    await assert.rejects(generate("const █").result, /no regular file/);
    assert.deepEqual(server.messages, [
      "RWKV: 无法加载 broken 中的模型（它不是普通文件），请重新导入",
    ]);
  });

  it("sends notifications of its own to clients that ask for them alone", async () => {
    server = await ServerProcess.start({
      texts: [line],
      initializationOptions: { notifications: false },
    });
    await server.open(uri, "const answer = █");
    while ((await server.suggestion(uri, "const answer = █")) === "");
    assert.deepEqual([server.statuses, server.events], [[], []]);
  });

  it("answers with nothing for documents it does not know and places outside", async () => {
    await start();
    assert.equal(await server.suggestion("file:///work/unknown.ts", "█"), "");
    assert.equal(await server.lastReason(), "unknown document");
    await opened("const █");
    const items = await server.connection.sendRequest<InlineCompletionList>(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri },
        position: { line: 99, character: 99 },
        context: { triggerKind: 1 },
      },
    );
    const end = { line: 0, character: 6 };
    const {
      items: [item],
    } = items;
    assert.equal(item!.insertText, "answer = 42;");
    assert.deepEqual(item!.range, { start: end, end });
  });

  it("takes malformed parameters without harm", async () => {
    await start();
    await opened("const █");
    const send = (method: string, params: object) =>
      server.connection.sendNotification(method, params);
    await send("textDocument/didOpen", {});
    await send("textDocument/didOpen", { textDocument: { uri: 7 } });
    await send("textDocument/didChange", {
      textDocument: { uri: "file:///none", version: 1 },
      contentChanges: [],
    });
    await send("textDocument/didChange", {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range: 3, text: "" }],
    });
    await send("textDocument/didChange", {
      textDocument: { uri, version: 2 },
      contentChanges: 5,
    });
    await send("textDocument/didClose", { textDocument: null });
    for (const params of [
      {},
      { textDocument: { uri } },
      { textDocument: { uri }, position: "here", context: {} },
    ]) {
      const answer = await server.connection.sendRequest(
        "textDocument/inlineCompletion",
        params,
      );
      assert.deepEqual(answer, { items: [] });
    }
    // A change that could not be made leaves another text than the client's, until it is whole.
    assert.equal(await server.suggestion(uri, "const █"), "");
    assert.equal(await server.lastReason(), "out of step");
    await send("textDocument/didChange", {
      textDocument: { uri, version: 3 },
      contentChanges: [{ range: null, rangeLength: null, text: "const " }],
    });
    assert.equal(await server.suggestion(uri, "const █"), "answer = 42;");
  });

  it("extends the item that is selected in the list of completions", async () => {
    await start({ texts: ["console.log(1);", "const answer = 42;"] });
    await opened("con█");
    const range = {
      start: { line: 0, character: 0 },
      end: { line: 0, character: 3 },
    };
    for (const [text, expected] of [
      ["console", "console.log(1);"],
      ["const", "const answer = 42;"],
    ] as const) {
      const items = await server.complete(uri, "con█", undefined, 2, {
        range,
        text,
      });
      assert.deepEqual(
        items.map((item) => [item.insertText, item.range]),
        [[expected, range]],
      );
    }
  });

  it("follows changes of the workspace's folders", async () => {
    const secret = "file:///work/api/keys/main.ts";
    await start({
      folders: ["file:///work"],
      initializationOptions: { settings: { exclude: ["api/keys/**"] } },
    });
    await server.open(secret, "const █");
    await opened("const █");
    const answer = async () =>
      (
        await server.connection.sendRequest<{ reason: string }>(
          "rwkv/availability",
          { textDocument: { uri: secret } },
        )
      ).reason;
    const change = (added: string[], removed: string[]) =>
      server.connection.sendNotification(
        "workspace/didChangeWorkspaceFolders",
        {
          event: {
            added: added.map((folder) => ({ uri: folder, name: folder })),
            removed: removed.map((folder) => ({ uri: folder, name: folder })),
          },
        },
      );
    assert.equal(await answer(), "excluded");
    // In this folder the same file has another path, which the glob does not match.
    await change(["file:///work/api"], ["file:///work"]);
    assert.equal(await answer(), "");
    assert.equal(await server.suggestion(secret, "const █"), "answer = 42;");
    // Where it lies in several folders, that of any of them counts.
    await change(["file:///work"], []);
    assert.equal(await answer(), "excluded");
  });

  it("never completes secrets, and says so", async () => {
    await start();
    const secret = "file:///work/.env";
    await server.open(secret, "const █");
    await opened("const █");
    const { runs } = await server.figures();
    assert.equal(await server.suggestion(secret, "const █", 1), "");
    assert.equal(await server.lastReason(), "excluded");
    assert.equal((await server.figures()).runs, runs);
    const availability = await server.connection.sendRequest(
      "rwkv/availability",
      {
        textDocument: { uri: secret },
      },
    );
    assert.deepEqual(availability, { on: false, reason: "excluded" });
    await assert.rejects(
      server.connection.sendRequest("rwkv/generate", {
        textDocument: { uri: secret },
        position: { line: 0, character: 0 },
      }),
      {
        message: /excluded by rwkv.exclude/,
        data: { code: "generate excluded", args: [] },
      },
    );
  });

  it("refuses documents that nobody writes", async () => {
    await start();
    await opened("const █");
    for (const scheme of ["git", "output", "debug", "vscode-scm"]) {
      await server.open(`${scheme}:/work/main.ts`, "const █");
      assert.equal(
        await server.suggestion(`${scheme}:/work/main.ts`, "const █"),
        "",
      );
      assert.equal(await server.lastReason(), "unsupported document");
    }
    for (const served of [
      "untitled:Untitled-1",
      "vscode-notebook-cell:/work/a.ipynb#W0",
    ]) {
      await server.open(served, "const █");
      assert.equal(await server.suggestion(served, "const █"), "answer = 42;");
    }
  });

  it("keeps CRLF documents CRLF", async () => {
    await start({ texts: ["if (a) {\n  b();\n}\n"] });
    await opened("if (a) {█\r\n");
    assert.equal(
      await server.suggestion(uri, "if (a) {█\r\n"),
      "\r\n  b();\r\n}",
    );
  });

  it("gives a reason for what is no text", async () => {
    await start();
    await opened("const \0█");
    assert.equal(await server.suggestion(uri, "const \0█"), "");
    assert.equal(await server.lastReason(), "binary");
    await server.open("file:///work/b.ts", 'x = "\ud83d█\ude00"');
    assert.equal(
      await server.suggestion("file:///work/b.ts", 'x = "\ud83d█\ude00"', 1),
      "",
    );
    assert.equal(await server.lastReason(), "inside a character");
    await server.open("file:///work/c.ts", 'x = "\ud83d█"');
    await server.suggestion("file:///work/c.ts", 'x = "\ud83d█"', 1);
    assert.equal(await server.lastReason(), "nothing to add");
    await server.open("file:///work/d.ts", "█");
    assert.equal(await server.suggestion("file:///work/d.ts", "█"), "");
    assert.equal(await server.lastReason(), "nothing to go on");
    assert.equal(
      await server.suggestion("file:///work/d.ts", "█", 1),
      "const answer = 42;",
    );
  });

  it("reads no more of a line of ten million characters than of a long file", async () => {
    await start();
    const data = "0123456789".repeat(1_000_000);
    await opened(`${data}█`);
    await server.suggestion(uri, `${data}█`, 1);
    const before = await server.figures();
    await server.edit(uri, `${data}a█`);
    assert.equal(await server.suggestion(uri, `${data}a█`), "");
    assert.equal(await server.lastReason(), "line too long");
    await server.suggestion(uri, `${data}a█`, 1);
    const after = await server.figures();
    // The window of 256 KiB once, then what an edit changes.
    assert.ok(before.tokenisedBytes > 1_000, String(before.tokenisedBytes));
    assert.ok(before.tokenisedBytes < 600_000, String(before.tokenisedBytes));
    const tokenised = after.tokenisedBytes - before.tokenisedBytes;
    assert.ok(tokenised < 20_000, `${tokenised} bytes tokenised`);
    const tokens = after.tokens - before.tokens;
    assert.ok(tokens < 600, `${tokens} tokens run`);
  });

  it("asks for settings by document, and heeds changes at once", async () => {
    let off = new Set<string>(["file:///work/a/"]);
    await start({
      folders: ["file:///work/a", "file:///work/b"],
      configuration: (scope) => ({
        enable: ![...off].some((folder) => scope?.startsWith(folder)),
      }),
    });
    await server.open("file:///work/a/x.ts", "const █");
    await opened("const █", "file:///work/b/x.ts");
    assert.equal(await server.suggestion("file:///work/a/x.ts", "const █"), "");
    assert.equal(await server.lastReason(), "off");
    assert.equal(
      await server.suggestion("file:///work/b/x.ts", "const █"),
      "answer = 42;",
    );
    off = new Set(["file:///work/b/"]);
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: null },
    );
    assert.equal(await server.suggestion("file:///work/b/x.ts", "const █"), "");
    assert.equal(
      await server.suggestion("file:///work/a/x.ts", "const █"),
      "answer = 42;",
    );
  });

  it("takes settings from a client that answers no questions", async () => {
    await start({
      initializationOptions: { settings: { languages: { typescript: false } } },
    });
    await server.open(uri, "const █");
    assert.equal(await server.suggestion(uri, "const █"), "");
    assert.equal(await server.lastReason(), "language off");
    assert.equal((await server.figures()).loads, 0);
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      {
        settings: { rwkv: { languages: { "*": true } } },
      },
    );
    await server.suggestion(uri, "const █");
    await server.ready();
    assert.equal(await server.suggestion(uri, "const █"), "answer = 42;");
  });

  it("suggests nothing where the client does not answer for its settings", async () => {
    let answers = false;
    await start({
      configuration: () => {
        if (!answers) throw new Error("no");
        return {};
      },
    });
    await server.open(uri, "const █");
    assert.equal(await server.suggestion(uri, "const █"), "");
    assert.equal(await server.lastReason(), "settings unknown");
    assert.ok(server.log.some((entry) => entry.includes("are unknown")));
    assert.equal((await server.figures()).loads, 0);
    answers = true;
    await server.suggestion(uri, "const █");
    await server.ready();
    assert.equal(await server.suggestion(uri, "const █"), "answer = 42;");
  });

  it("answers a cancelled request while it waits for settings", async () => {
    await start({ configuration: () => new Promise(() => undefined) });
    await server.open(uri, "const █");
    const source = new CancellationTokenSource();
    const request = server.complete(uri, "const █", source.token);
    await server.figures();
    source.cancel();
    assert.deepEqual(await request, []);
    assert.equal(await server.lastReason(), "cancelled");
  });

  it("stops at once what new settings switch off", async () => {
    let enable = true;
    await start({
      endless: "one two ",
      stepMs: 5,
      configuration: () => ({ enable }),
    });
    await opened("let x = █");
    const request = server.complete(uri, "let x = █");
    await server.runsBeyond(2);
    enable = false;
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: null },
    );
    assert.deepEqual(await request, []);
    assert.equal(await server.lastReason(), "settings changed");
  });

  it("serves two folders with two models, and frees one that is no longer named", async () => {
    let second = "second";
    await start({
      initializationOptions: { modelsPath: "/models" },
      configuration: (scope) => ({
        model: scope?.includes("/b/") ? second : "bundled",
      }),
    });
    await opened("const █", "file:///work/a/x.ts");
    await server.open("file:///work/b/x.ts", "const █");
    for (const folder of ["a", "b"]) {
      const suggested = () =>
        server.suggestion(`file:///work/${folder}/x.ts`, "const █");
      // Empty while its model is being loaded.
      let text = await suggested();
      while (text === "") text = await suggested();
      assert.equal(text, "answer = 42;");
    }
    assert.equal((await server.figures()).loads, 2);
    second = "bundled";
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: null },
    );
    while ((await server.figures()).disposed === 0) await sleep(5);
    assert.equal(
      await server.suggestion("file:///work/b/x.ts", "const █"),
      "answer = 42;",
    );
    assert.equal((await server.figures()).disposed, 1);
  });

  it("says why a model cannot be used, once, and does not try again", async () => {
    await start({
      initializationOptions: {
        modelsPath: "/models",
        settings: { model: "../../etc" },
      },
    });
    await opened("const █");
    for (let i = 0; i < 3; i++)
      assert.equal(await server.suggestion(uri, "const █"), "");
    assert.equal(await server.lastReason(), "model failed");
    assert.equal((await server.figures()).loads, 0);
    assert.equal(
      server.log.filter((entry) => entry.includes("is no model's name")).length,
      1,
    );
    const { state, told } = server.statuses.at(-1)!;
    assert.equal(state, "failed");
    assert.equal(told?.code, "no model name");
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      {
        settings: { rwkv: { model: "broken" } },
      },
    );
    await assert.rejects(
      generate("const █").result,
      /\(it is no regular file\); import it again/,
    );
    assert.equal((await server.figures()).loads, 1);
  });

  it("refuses a second model that the memory budget has no room for", async () => {
    await start({
      initializationOptions: { modelsPath: "/models", memoryBudget: 20 },
      configuration: (scope) => ({
        model: scope?.includes("/b/") ? "second" : "bundled",
      }),
    });
    await opened("const █", "file:///work/a/x.ts");
    await server.open("file:///work/b/x.ts", "const █");
    const isRefused = () =>
      server.log.some((entry) =>
        /"second" needs 16 MiB beside "bundled"/.test(entry),
      );
    while (!isRefused()) await sleep(5);
    assert.equal(await server.suggestion("file:///work/b/x.ts", "const █"), "");
    assert.equal(await server.lastReason(), "model failed");
    assert.equal(
      await server.suggestion("file:///work/a/x.ts", "const █"),
      "answer = 42;",
    );
  });

  function generate(marked: string, extra: object = {}) {
    const { text, offset } = atCursor(marked);
    const pieces: string[] = [];
    const token = Math.random().toString();
    const source = new CancellationTokenSource();
    server.connection.onNotification(
      "$/progress",
      (progress: { token: string; value: unknown }) => {
        if (progress.token === token) pieces.push(progress.value as string);
      },
    );
    const result = server.connection.sendRequest<GenerateResult>(
      "rwkv/generate",
      {
        textDocument: { uri },
        position: positionAt(text, offset),
        partialResultToken: token,
        ...extra,
      },
      source.token,
    );
    return { result, pieces, cancel: () => source.cancel() };
  }

  it("streams a continuation", async () => {
    const text =
      "// one\n" + "const a = 1;\nlet b = 2;\nvar c = 3;\n".repeat(2);
    await start({
      texts: [text],
      stepMs: 2,
      initializationOptions: { settings: { generate: { temperature: 0 } } },
    });
    await opened("// one\n█");
    const { result, pieces } = generate("// one\n█");
    const { text: written, reason, tokens } = await result;
    assert.equal("// one\n" + written, text);
    assert.equal(reason, "end of text");
    assert.ok(tokens >= written.length);
    assert.equal(pieces.join(""), written);
    assert.ok(pieces.length > 3, `${pieces.length} pieces`);
  });

  it("continues a selection alone", async () => {
    await start({
      initializationOptions: { settings: { generate: { temperature: 0 } } },
    });
    await opened("// something else\nconst █");
    const selection = {
      start: { line: 1, character: 0 },
      end: { line: 1, character: 6 },
    };
    const { text } = await generate("// something else\nconst █", { selection })
      .result;
    assert.equal(text, "answer = 42;\n");
  });

  it("stops a continuation when it is cancelled, and keeps what is written", async () => {
    await start({
      texts: [],
      endless: "alpha beta gamma delta\nepsilon zeta\n",
      stepMs: 5,
      initializationOptions: {
        settings: { generate: { temperature: 0, maxTokens: 10_000 } },
      },
    });
    await opened("let x = █");
    const { result, pieces, cancel } = generate("let x = █");
    while (pieces.length < 2) await sleep(5);
    assert.equal(await server.suggestion(uri, "let x = █"), "");
    assert.equal(await server.lastReason(), "generating");
    cancel();
    const { text, reason } = await result;
    assert.equal(reason, "cancelled");
    assert.equal(pieces.join(""), text);
    const { runs } = await server.figures();
    await sleep(50);
    assert.equal((await server.figures()).runs, runs);
  });

  it("tells what generation needs", async () => {
    await start();
    await assert.rejects(generate("█").result, /not open/);
    await opened("const █");
    await assert.rejects(
      generate("█", { position: "here" }).result,
      /malformed/,
    );
  });
});
