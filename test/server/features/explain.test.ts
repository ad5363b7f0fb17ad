import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  DocumentState,
  ExplainResult,
  ExplainedToken,
} from "../../../src/protocol";
import { ProjectFolder } from "../../project/projectFolder";
import { ServerProcess } from "../../support/serverProcess";

const uri = "file:///work/report.ts";

describe("explaining a suggestion", () => {
  let server: ServerProcess | undefined;
  afterEach(() => server?.stop());

  /** A server whose model writes `text`, hardly sure of it, and copies. */
  async function start(
    text: string,
    options: Partial<Parameters<typeof ServerProcess.start>[0]> = {},
  ): Promise<ServerProcess> {
    server = await ServerProcess.start({
      texts: [text],
      certainty: 7,
      copies: true,
      ...options,
      initializationOptions: {
        settings: {
          suggestions: "often",
          ...options.initializationOptions?.settings,
        },
      },
    });
    return server;
  }

  const explain = () =>
    server!.connection.sendRequest<ExplainResult>("rwkv/explain", {});

  function whole(tokens: readonly ExplainedToken[] = []): string {
    return tokens.map(({ text }) => text).join("");
  }

  const first = "const quarter = ledger.reconcile(books, 41);";
  const before = `${first}\nlet other = 1;\nconst quarter = ledger.rec`;
  const after = "\nlast();";

  it("names the line that it was copied from", async () => {
    const { suggestion } = await ready(before, after);
    const { reason, explanation } = await explain();
    assert.equal(reason, "");
    assert.ok(explanation);
    assert.equal(whole(explanation.tokens), suggestion);
    assert.deepEqual(explanation.position, { line: 2, character: 26 });
    const copied = explanation.tokens.filter(
      ({ source }) => source === "this file",
    );
    assert.ok(copied.length > suggestion.length / 2);
    for (const token of copied) {
      assert.equal(token.place?.uri, uri);
      assert.equal(token.place.position.line, 0);
      assert.equal(token.place.text, first);
      assert.ok(token.share > 0.5 && token.probability <= 1);
    }
    // The name from where it begins, what follows each from its own column.
    const columns = copied.map(({ place }) => place?.position.character);
    const name = first.indexOf("reconcile");
    const tail = first.indexOf("(");
    assert.deepEqual(columns, [
      ...Array<number>("oncile".length).fill(name),
      ...Array.from("(books, 41);", (_, i) => tail + i),
    ]);
    assert.equal(explanation.reason, "generated");
    assert.ok(explanation.timings.decodeTokens > 0 && explanation.ms > 0);
  });

  it("names the line below, in a file with CRLF, and does not take the accepted text for it", async () => {
    const text = `let other = 1;\nconst quarter = ledger.rec`;
    const below = `\nlast();\n${first}\n`;
    await ready(
      text.replaceAll("\n", "\r\n"),
      below.replaceAll("\n", "\r\n"),
      text,
    );
    // Accepted.
    await server!.edit(
      uri,
      `${text}oncile(books, 41);█${below}`.replaceAll("\n", "\r\n"),
    );
    const { explanation } = await explain();
    const places = explanation?.tokens.flatMap(({ place }) => place ?? []);
    assert.ok(places && places.length > 5);
    for (const place of places) {
      assert.equal(place.position.line, 3);
      assert.equal(place.text, first);
    }
  });

  it("names the line of another open document", async () => {
    const other = "file:///work/my%20ledger.ts";
    await start("const quarter = ledger.reconcile(books, 41);", {
      initializationOptions: { settings: { readAhead: "always" } },
    });
    await server!.open(other, `\n\n${first}\n`);
    await server!.ready();
    await known(other);
    const marked = "const quarter = ledger.rec█";
    await server!.open(uri, marked);
    assert.equal(await server!.suggestion(uri, marked), "oncile(books, 41);");
    const { explanation } = await explain();
    const copied = explanation?.tokens.filter(
      ({ source }) => source === "another file",
    );
    assert.ok(copied && copied.length > 5);
    for (const { place } of copied) {
      assert.equal(place?.uri, other);
      assert.equal(place.position.line, 2);
    }
    const text = await server!.connection.sendRequest<string>(
      "workspace/executeCommand",
      { command: "rwkv.explainAsText" },
    );
    assert.match(text, /my ledger\.ts:3: const quarter/);
  });

  for (const [locale, nothing, lines] of [
    [
      "en",
      /^There is nothing to explain: nothing was suggested yet\.$/,
      [/^Suggestion at a\.lua:1 by /, /^cut off: "\);", since its brackets/m],
    ],
    [
      "zh-cn",
      /^没有可解释的建议：/,
      [/^a\.lua:1 处的建议/, /^截去："\);"，因为/m],
    ],
  ] as const)
    it(`is lines of text in the client's language (${locale}) where it has no page`, async () => {
      const document = "file:///work/a.lua";
      const marked = "call(█";
      await start("call(one));", { certainty: 20, locale });
      const asText = () =>
        server!.connection.sendRequest<string>("workspace/executeCommand", {
          command: "rwkv.explainAsText",
        });
      // Without a parser brackets are counted.
      await server!.open(document, marked, "lua");
      await server!.ready();
      assert.match(await asText(), nothing);
      assert.equal(await server!.suggestion(document, marked), "one)");
      const text = await asText();
      for (const expected of lines) assert.match(text, expected);
      const isChinese = /\p{Script=Han}/u.test(text);
      const isEnglish = /[a-z]+ [a-z]+ [a-z]+/i.test(text);
      assert.deepEqual(
        [isChinese, isEnglish],
        [locale !== "en", locale === "en"],
      );
    });

  it("names the file of the project that has the name, and the line in it", async () => {
    const folder = new ProjectFolder();
    try {
      folder.write("w/books.ts", "// Books\nfunction reconcileQuarter() {}\n");
      const uriOf = (path: string) => pathToFileURL(folder.at(path)).href;
      await start("", { folders: [uriOf("w")], certainty: 3 });
      const document = uriOf("w/open.ts");
      await server!.open(document, "const a = reconc█");
      await server!.ready();
      await indexed(document);
      assert.match(
        await server!.suggestion(document, "const a = reconc█", 1),
        /^ileQuarter/,
      );
      const { explanation } = await explain();
      assert.equal(explanation?.name?.text, "reconcileQuarter");
      const { source, place } = explanation.name;
      assert.equal(source, "another file");
      assert.equal(place?.uri, uriOf("w/books.ts"));
      assert.deepEqual(place.position, { line: 1, character: 9 });
      assert.equal(explanation.tokens[0]?.source, "another file");
    } finally {
      folder.remove();
    }
  });

  it("says what was cut off and why", async () => {
    const marked = "call(█";
    await start("call(one));", { certainty: 20 });
    // Without a parser brackets are counted.
    await server!.open(uri, marked, "lua");
    await server!.ready();
    assert.equal(await server!.suggestion(uri, marked), "one)");
    const { explanation } = await explain();
    assert.equal(whole(explanation?.tokens), "one)");
    assert.deepEqual(explanation?.cuts, [{ reason: "unbalanced", text: ");" }]);
  });

  it("has nothing to say where nothing was suggested, or where that is gone", async () => {
    const { suggestion } = await ready(before, after, before, false);
    assert.equal(suggestion, "");
    assert.equal((await explain()).reason, "nothing suggested");
    await server!.suggestion(uri, `${before}█${after}`);
    assert.equal((await explain()).reason, "");
    await server!.edit(uri, "█else");
    assert.equal((await explain()).reason, "document changed");
    await server!.close(uri);
    assert.equal((await explain()).reason, "nothing suggested");
  });

  it("explains what was typed through in part, without what is typed", async () => {
    const { suggestion } = await ready(before, after);
    const typed = suggestion.slice(0, 3);
    await server!.edit(uri, `${before}${typed}█${after}`);
    const rest = await server!.suggestion(uri, `${before}${typed}█${after}`);
    const { explanation } = await explain();
    assert.equal(whole(explanation?.tokens), rest);
    assert.equal(explanation?.reason, "typed through");
  });

  /** Opens the document between two texts, and asks. */
  async function ready(
    text: string,
    rest: string,
    read = text,
    asks = true,
  ): Promise<{ suggestion: string }> {
    await start(`${read}oncile(books, 41);`);
    await server!.open(uri, `${text}█${rest}`);
    await server!.ready();
    if (!asks) return { suggestion: "" };
    const suggestion = await server!.suggestion(uri, `${text}█${rest}`);
    assert.equal(suggestion, "oncile(books, 41);");
    return { suggestion };
  }

  /** Waits until a document can be copied from. */
  async function known(document: string): Promise<void> {
    for (;;) {
      const state = await server!.connection.sendRequest<DocumentState>(
        "rwkv/state",
        { textDocument: { uri: document } },
      );
      if (state.bytes > 0) return;
      await sleep(20);
    }
  }

  async function indexed(document: string): Promise<void> {
    for (;;) {
      const { project } = await server!.connection.sendRequest<DocumentState>(
        "rwkv/state",
        { textDocument: { uri: document } },
      );
      if (project?.phase === "idle" && project.files >= 2) return;
      await sleep(20);
    }
  }
});
