import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogOutputChannel, Uri } from "vscode";
import type * as module from "../../../src/client/statistics/statistics";
import type * as suggestionsModule from "../../../src/client/suggestions";
import type { RequestEvent } from "../../../src/protocol";
import { assertAccessible } from "../support/accessible";
import { FakeEditor } from "../support/fakeVscode";

const timings = {
  prefillTokens: 1,
  prefillMs: 1,
  decodeTokens: 1,
  decodeMs: 1,
};
const event = (id: number, reason: "generated" | "not sure enough") =>
  ({
    kind: "inline completion",
    id,
    place: "",
    languageId: "go",
    model: "<b>7m</b>",
    reason,
    ms: 12,
    timings,
    ...(reason === "generated" && { settings: ["often", "balanced"] as const }),
  }) satisfies RequestEvent;

describe("the command Statistics", () => {
  let editor: FakeEditor;
  let folder: string;
  let suggestions: suggestionsModule.Suggestions;
  let statistics: module.Statistics;
  let document: never;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rwkv-statistics-"));
    editor = new FakeEditor();
    const log = { debug: () => {}, error: () => {} };
    const { Suggestions } =
      editor.load<typeof suggestionsModule>("suggestions");
    suggestions = new Suggestions();
    const { Statistics } = editor.load<typeof module>("statistics/statistics");
    statistics = new Statistics(
      suggestions,
      { fsPath: folder } as Uri,
      log as unknown as LogOutputChannel,
    );
    document = {
      uri: { toString: () => "file:///a.go" },
      languageId: "go",
      offsetAt: () => 0,
    } as never;
  });

  afterEach(async () => {
    await statistics.dispose();
    await rm(folder, { recursive: true });
  });

  function offer(id: number): void {
    suggestions.onRequest(event(id, "generated"));
    const command = { command: "", title: "", arguments: [id] };
    suggestions.onItems(document, {} as never, [
      { insertText: "return nil", command },
    ]);
  }

  const page = () => editor.panels.at(-1)?.webview.html ?? "";

  it("shows a page without access to anything", async () => {
    offer(1);
    suggestions.onRequest({ kind: "accepted", id: 1 });
    for (const id of [2, 3, 4])
      suggestions.onRequest(event(id, "not sure enough"));
    await statistics.show();
    assertAccessible(page());
    assert.match(page(), /default-src 'none'/);
    assert.doesNotMatch(page(), /https?:|unsafe-inline|<b>7m/);
    assert.match(page(), /&#60;b&#62;7m/);
    assert.match(page(), /<th scope="row">Keys saved<\/th><td>9<\/td>/);
    assert.match(page(), /<svg role="img" aria-label="By day: Keys saved"/);
    assert.match(page(), /<title>under 20 ms: 1<\/title>/);
  });

  it("counts what another setting would have shown, and keeps no text of it", async () => {
    offer(1);
    editor.textDocuments = [document];
    suggestions.onRequest({
      ...event(2, "not sure enough"),
      uri: "file:///a.go",
      settings: ["often"],
      withheld: { position: { line: 0, character: 0 }, text: "private" },
    });
    await statistics.show();
    assert.match(page(), /<td>2<\/td><td>2 ×<\/td><td>–<\/td>/);
    assert.doesNotMatch(page(), /times as many/);
    assert.match(page(), /<th scope="row">balanced \(now\)<\/th><td>1<\/td>/);
    await statistics.dispose();
    const file = await readFile(join(folder, "statistics.json"), "utf8");
    assert.match(file, /"often":\{"shown":2,"compared":0,"right":0\}/);
    assert.doesNotMatch(file, /private|return nil/);
  });

  it("has no figures before there is a suggestion, and none of an answer without one", async () => {
    suggestions.onItems(document, {} as never, [{ insertText: "unknown" }]);
    await statistics.show();
    assert.match(page(), /Nothing was suggested yet/);
  });

  it("exports as JSON", async () => {
    offer(1);
    await statistics.show();
    editor.answer = () => ({ fsPath: "/out.json" });
    editor.panels[0]?.received.fire("export");
    while (!editor.written.has("/out.json")) await sleep(2);
    const rows = JSON.parse(editor.written.get("/out.json") ?? "[]") as {
      offered: number;
      languageId: string;
    }[];
    assert.deepEqual(
      rows.map(({ offered, languageId }) => [offered, languageId]),
      [[1, "go"]],
    );
  });

  it("clears once that is confirmed", async () => {
    offer(1);
    await statistics.show();
    editor.panels[0]?.received.fire("clear");
    await sleep(20);
    assert.doesNotMatch(page(), /Nothing was suggested yet/);
    editor.answer = () => "Clear";
    editor.panels[0]?.received.fire("clear");
    while (!page().includes("Nothing was suggested yet")) await sleep(2);
    await statistics.show();
    assert.match(page(), /Nothing was suggested yet/);
  });
});
