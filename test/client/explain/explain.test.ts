import assert from "node:assert/strict";
import type { LogOutputChannel } from "vscode";
import type * as module from "../../../src/client/explain/explain";
import type { Supervisor } from "../../../src/client/supervisor";
import type { ExplainResult, Explanation } from "../../../src/protocol";
import { assertAccessible } from "../support/accessible";
import { FakeEditor } from "../support/fakeVscode";

const explanation: Explanation = {
  uri: "file:///work/a.ts",
  position: { line: 4, character: 2 },
  model: "<b>7m</b>",
  reason: "generated",
  stop: "end of line",
  confidence: 0.83,
  tokens: [
    {
      text: "call(",
      probability: 0.9,
      source: "another file",
      share: 0.75,
      place: {
        uri: "file:///work/b%20c.ts",
        position: { line: 11, character: 3 },
        text: "call(<script>)",
      },
    },
    { text: "\n  ", probability: 0.25, source: "idiom", share: 0.6 },
  ],
  cuts: [{ reason: "repeats what follows", text: ")" }],
  ms: 12,
  timings: { prefillTokens: 3, prefillMs: 4, decodeTokens: 5, decodeMs: 6 },
};

describe("the command Explain Suggestion", () => {
  let editor: FakeEditor;
  let result: ExplainResult;

  beforeEach(() => {
    editor = new FakeEditor();
    result = { reason: "", explanation };
  });

  async function run(): Promise<string> {
    const { Explain } = editor.load<typeof module>("explain/explain");
    const engine = {
      ready: () => Promise.resolve({ explain: () => Promise.resolve(result) }),
    } as unknown as Supervisor;
    const log = { error: () => {} } as unknown as LogOutputChannel;
    await new Explain(engine, log).run();
    return editor.panels.at(-1)!.webview.html;
  }

  it("says of each token where it comes from, in words as well as by its line", async () => {
    const page = await run();
    const [first, second] = [
      ...page.matchAll(/<tr><th scope="row">.*?<\/tr>/g),
    ];
    assert.match(
      first![0],
      /call\(.*90%.*another-file.*another file.*75%.*b c\.ts:12/,
    );
    assert.match(second![0], /⏎␣␣.*25%.*common idiom.*60%/);
    assert.match(page, /83% sure as a whole/);
    assert.match(page, /\)<\/code>: it repeats what follows the cursor/);
    assert.match(page, /It ended since the line is complete\./);
    assert.match(page, /12 ms: 3 tokens read in 4 ms, 5 written in 6 ms\./);
    const lines = [
      ...page.matchAll(/^\.[\w-]+ \{ text-decoration: underline (\w+)/gm),
    ];
    assert.equal(new Set(lines.map(([, kind]) => kind)).size, 5);
  });

  it("has a name for whatever a screen reader stops at, and nothing that moves", async () => {
    const [token] = explanation.tokens;
    result = {
      reason: "",
      explanation: { ...explanation, name: token! },
    };
    const page = await run();
    assertAccessible(page);
    assert.equal(page.match(/<table /g)?.length, 2);
  });

  it("runs no text of a document as HTML, and nothing from outside", async () => {
    const page = await run();
    assert.ok(!page.includes("<script>)") && !page.includes("<b>7m"));
    const [, nonce] = /style-src 'nonce-(\w+)'/.exec(page)!;
    assert.match(page, /default-src 'none'/);
    for (const [tag] of page.matchAll(/<(?:script|style)[^>]*>/g))
      assert.ok(tag.includes(`nonce="${nonce}"`));
    assert.doesNotMatch(page, / style=| on\w+=|https?:/);
  });

  it("opens the place of the link that is chosen", async () => {
    const page = await run();
    const numbers = [...page.matchAll(/data-open="(\d+)">([^<]*)/g)].map(
      ([, number, label]) => [Number(number), label] as const,
    );
    assert.deepEqual(
      numbers.map(([, label]) => label),
      ["a.ts:5", "b c.ts:12"],
    );
    for (const [open] of numbers) editor.panels.at(-1)!.received.fire({ open });
    editor.panels.at(-1)!.received.fire({ open: 99 });
    assert.deepEqual(
      editor.documentsShown.map(({ uri, line }) => [uri, line]),
      [
        ["file:///work/a.ts", 4],
        ["file:///work/b%20c.ts", 11],
      ],
    );
  });

  it("says why there is nothing to explain", async () => {
    result = { reason: "nothing suggested" };
    const page = await run();
    assert.match(
      page,
      /There is nothing to explain: nothing was suggested yet\./,
    );
  });
});
