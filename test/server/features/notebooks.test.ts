import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { DocumentState } from "../../../src/protocol";
import { ServerProcess } from "../../support/serverProcess";

const notebook = "file:///work/plot.ipynb";
const cell = (name: string) => `vscode-notebook-cell:/work/plot.ipynb#${name}`;

describe("notebooks", () => {
  let server: ServerProcess;

  async function start(text: string, settings = {}): Promise<void> {
    server = await ServerProcess.start({
      texts: [text],
      initializationOptions: { settings: { readAhead: "never", ...settings } },
    });
  }
  const show = (...cells: string[]) =>
    server.connection.sendNotification("rwkv/notebook", {
      uri: notebook,
      cells: cells.map(cell),
    });
  const openAll = async (texts: Record<string, string>) => {
    for (const [name, text] of Object.entries(texts))
      await server.open(cell(name), text);
    await server.ready();
  };

  afterEach(() => server.stop());

  it("have the text of the cells before the cell", async () => {
    await start("load();\n\nplot(it);\n");
    await openAll({ a: "load();", b: "pl█" });
    // Alone the cell begins as nothing that the model knows.
    assert.equal(await server.suggestion(cell("b"), "pl█"), "");
    await show("a", "b");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "ot(it);");
  });

  it("follow edits of any cell, moves and removals", async () => {
    await start("load(2);\n\nclean();\n\nplot(it);\n");
    await openAll({ a: "load();", b: "pl█", c: "clean();" });
    await show("a", "c", "b");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "");
    await server.edit(cell("a"), "load(2█);");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "ot(it);");
    await show("c", "a", "b");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "");
    await show("a", "c", "b");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "ot(it);");
    await server.edit(cell("b"), "plo█");
    assert.equal(await server.suggestion(cell("b"), "plo█"), "t(it);");
    await show();
    assert.equal(await server.suggestion(cell("b"), "plo█"), "");
  });

  it("have states in common", async () => {
    const load = "load();\n".repeat(60);
    await start(`${load}\n\nplot(it);\n\nshow(it);\n`);
    await openAll({ a: load, b: "plot(it);", c: "sh█" });
    await show("a", "b", "c");
    await server.suggestion(cell("b"), "plot(it);█");
    assert.equal(await server.suggestion(cell("c"), "sh█"), "ow(it);");
    const { tokens, last } = await server.connection.sendRequest<DocumentState>(
      "rwkv/state",
      { textDocument: { uri: cell("c") } },
    );
    assert.ok(tokens > load.length, `${tokens} tokens`);
    assert.equal(last?.from, "checkpoint");
  });

  it("leave out what is excluded, at once", async () => {
    await start("load();\n\nplot(it);\n");
    await openAll({ a: "load();", b: "pl█" });
    await show("a", "b");
    assert.equal(await server.suggestion(cell("b"), "pl█"), "ot(it);");
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: { rwkv: { readAhead: "never", exclude: ["**/*.ipynb"] } } },
    );
    assert.equal(await server.suggestion(cell("b"), "pl█"), "");
  });

  it("are copied from in the cells before them and in other files, once they were read", async () => {
    const line = "const quarter = ledger.reconcile(books, 41);";
    const typed = "const quarter = ledger.rec";
    server = await ServerProcess.start({
      texts: [],
      certainty: 0,
      copies: true,
      initializationOptions: { settings: { readAhead: "always" } },
    });
    const file = "file:///work/main.ts";
    await openAll({ a: typed, b: line });
    await server.open(file, typed);
    await show("a", "b");
    const start = { line: 0, character: 0 };
    const seen = [cell("a"), cell("b")].map((uri) => ({
      uri,
      position: start,
    }));
    await server.connection.sendNotification("rwkv/visibleDocuments", {
      documents: seen,
    });
    for (const uri of [cell("a"), file]) {
      let shown = "";
      for (let tries = 0; tries < 20 && typed + shown !== line; tries++) {
        // Reading begins after a moment without requests.
        await sleep(700);
        shown = await server.suggestion(uri, `${typed}█`, 1);
      }
      assert.equal(typed + shown, line, uri);
    }
  });
});
