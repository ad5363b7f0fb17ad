import assert from "node:assert/strict";
import type { LogOutputChannel } from "vscode";
import type { CompletionServerOptions } from "../../src/protocol";
import type { EngineClient } from "../../src/client/engineClient";
import type { Supervisor } from "../../src/client/supervisor";
import type * as completionServer from "../../src/client/completionServer";
import { FakeEditor, FakeEvent } from "./support/fakeVscode";

/** The editor's secret storage. */
class FakeSecrets {
  readonly kept = new Map<string, string>();
  readonly changed = new FakeEvent<{ key: string }>();
  readonly onDidChange = this.changed.event;

  get = (key: string) => Promise.resolve(this.kept.get(key));
  store = (key: string, value: string) => {
    this.kept.set(key, value);
    this.changed.fire({ key });
    return Promise.resolve();
  };
  delete = (key: string) => {
    this.kept.delete(key);
    this.changed.fire({ key });
    return Promise.resolve();
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("the completion server that a user names", () => {
  let editor: FakeEditor;
  let secrets: FakeSecrets;
  let told: Partial<CompletionServerOptions>[];
  let client: Pick<EngineClient, "nameServer"> | undefined;
  let status: FakeEvent;
  let server: completionServer.CompletionServer;

  beforeEach(() => {
    editor = new FakeEditor();
    secrets = new FakeSecrets();
    status = new FakeEvent();
    told = [];
    client = {
      nameServer: (options) => {
        told.push(options);
        return Promise.resolve();
      },
    };
    const { CompletionServer } =
      editor.load<typeof completionServer>("completionServer");
    const engine = {
      get client() {
        return client;
      },
      onDidChangeStatus: status.event,
    } as unknown as Supervisor;
    const log = { warn: () => undefined } as unknown as LogOutputChannel;
    server = new CompletionServer(engine, secrets, log);
  });
  afterEach(() => server.dispose());

  const configure = async () => {
    editor.configurationChanged.fire({ affectsConfiguration: () => true });
    await settled();
  };

  it("is told to each engine once, with the key of its address", async () => {
    editor.settings.set("server.url", "http://gpu:8080/v1");
    secrets.kept.set("rwkv.server.key http://gpu:8080", "k");
    status.fire();
    await settled();
    status.fire();
    await settled();
    const options = { url: "http://gpu:8080/v1", model: "", timeBudget: 1500 };
    assert.deepEqual(told, [{ ...options, key: "k" }]);
    client = { ...client! };
    status.fire();
    await settled();
    assert.equal(told.length, 2);
  });

  it("does not count where a workspace names it", async () => {
    editor.workspaceSettings.set("server.url", "http://evil:1");
    editor.workspaceSettings.set("server.model", "evil");
    await configure();
    assert.deepEqual(told, [{ url: "", model: "", timeBudget: 1500, key: "" }]);
    editor.settings.set("server.url", "http://gpu:1");
    await configure();
    assert.deepEqual([told[1]!.url, told[1]!.model], ["http://gpu:1", ""]);
  });

  it("gets no other server's key", async () => {
    secrets.kept.set("rwkv.server.key http://gpu:8080", "k");
    for (const url of ["http://gpu:8081", "https://gpu:8080", "nonsense"]) {
      editor.settings.set("server.url", url);
      await configure();
      assert.equal(told.at(-1)?.key, "");
    }
  });

  it("is none where the storage fails", async () => {
    editor.settings.set("server.url", "http://gpu:8080");
    secrets.get = () => Promise.reject(new Error("locked"));
    await configure();
    assert.deepEqual(told, [{ url: "" }]);
  });

  it("is named by the command, the key first", async () => {
    editor.answer = ({ text }) =>
      text.startsWith("Address") ? " http://gpu:8080 " : "k";
    await server.run();
    assert.deepEqual(
      [...secrets.kept],
      [["rwkv.server.key http://gpu:8080", "k"]],
    );
    assert.deepEqual(editor.updates, [
      { key: "server.url", value: "http://gpu:8080", target: "global" },
    ]);
    const [address, key] = editor.asked.map(
      ({ rest: [options] }) => options as Record<string, unknown>,
    );
    const check = address!["validateInput"] as (value: string) => unknown;
    assert.equal(check("https://a.b"), undefined);
    for (const wrong of ["", "gpu:8080", "file:///x"])
      assert.equal(typeof check(wrong), "string", wrong);
    assert.equal(key!["password"], true);
  });

  it("is left as it is where a question is closed", async () => {
    await server.run();
    assert.deepEqual(editor.updates, []);
    editor.settings.set("server.url", "http://gpu:8080");
    await server.run();
    assert.deepEqual([editor.updates, [...secrets.kept]], [[], []]);
  });

  it("can be given up, and its key be deleted", async () => {
    editor.settings.set("server.url", "http://gpu:8080");
    secrets.kept.set("rwkv.server.key http://gpu:8080", "k");
    const choose = (at: number) => {
      editor.answer = ({ kind, rest: [items] }) =>
        kind === "pick" ? (items as unknown[])[at] : "";
    };
    choose(0);
    await server.run();
    assert.equal(secrets.kept.size, 0);
    choose(2);
    await server.run();
    assert.deepEqual(editor.updates, [
      { key: "server.url", value: undefined, target: "global" },
    ]);
  });
});
