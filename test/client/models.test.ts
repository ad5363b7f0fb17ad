import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogOutputChannel, Uri } from "vscode";
import type * as downloadModel from "../../src/client/downloadModel";
import type * as downloadSource from "../../src/client/downloadSource";
import type { EngineClient } from "../../src/client/engineClient";
import type * as importRun from "../../src/client/importRun";
import type * as models from "../../src/client/models";
import type * as modelSpeeds from "../../src/client/modelSpeeds";
import type { ImportModelParams, ListedModel } from "../../src/protocol";
import { FakeHub } from "../support/fakeHub";
import { publish } from "../support/officialRepository";
import { FakeEditor, textEditor, type Asked } from "./support/fakeVscode";

const newest = "rwkv7-g1d-0.1b-20260129-ctx8192";
const older = "rwkv7-g1-0.1b-20250307-ctx4096";
const large = "rwkv7-g1b-1.5b-20251202-ctx8192";
const loss = "nothing was quantised";
const told = { code: "nothing quantised", args: [] } as const;

const about = {
  license: "Apache-2.0",
  generation: "7",
  parameters: 191e6,
  quantisation: "int8",
  bytes: 257e6,
  bytesPerToken: 158e6,
};
const bundled: ListedModel = {
  ...about,
  name: "bundled",
  folder: "/extension/model",
  title: "rwkv-code",
  tokensPerSecond: 123,
};
const installed: ListedModel = {
  ...about,
  name: "mine",
  folder: "/models/mine",
  title: "mine",
};

interface Item {
  label: string;
  description?: string;
  detail?: string;
  kind?: number;
}

describe("Models…", function () {
  this.timeout(20_000);
  let hub: FakeHub;
  let folder: string;
  let editor: FakeEditor;
  let listed: ListedModel[];
  let imports: ImportModelParams[];
  let removed: string[];
  let errors: string[];
  let memory: Map<string, unknown>;
  let secrets: Map<string, string>;
  let environment: NodeJS.ProcessEnv;
  let command: models.Models;
  /** By the start of a dialog's text: the label that is chosen, or what answers; else it is closed. */
  let answers: Record<string, string | ((asked: Asked) => unknown)>;

  beforeEach(async () => {
    hub = await FakeHub.start();
    publish(hub, [`${older}.pth`, `${newest}.pth`, `${large}.pth`]);
    folder = mkdtempSync(join(tmpdir(), "rwkv-models-command-"));
    editor = new FakeEditor();
    editor.settings.set("modelsPath", folder);
    editor.settings.set("downloadEndpoint", hub.address);
    listed = [bundled, installed];
    [imports, removed, errors] = [[], [], []];
    memory = new Map();
    secrets = new Map();
    environment = {};
    answers = {};
    editor.answer = (asked) => {
      const [, answer] =
        Object.entries(answers).find(([start]) =>
          asked.text.startsWith(start),
        ) ?? [];
      if (typeof answer === "function") return answer(asked);
      if (asked.kind !== "pick") return answer;
      return (asked.rest[0] as Item[]).find(({ label }) => label === answer);
    };
    command = load();
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function load(): models.Models {
    const { ImportRun } = editor.load<typeof importRun>("importRun");
    const { DownloadModel } =
      editor.load<typeof downloadModel>("downloadModel");
    const { DownloadSource } =
      editor.load<typeof downloadSource>("downloadSource");
    const { Models } = editor.load<typeof models>("models");
    const { ModelSpeeds } = editor.load<typeof modelSpeeds>("modelSpeeds");
    const log = {
      info: () => {},
      warn: () => {},
      error: (message: string) => errors.push(message),
    } as unknown as LogOutputChannel;
    const client: Partial<EngineClient> = {
      models: () => Promise.resolve(listed),
      removeModel: (name) => Promise.resolve(void removed.push(name)),
      importModel: (params) => {
        // It is there, whole, while it is imported.
        assert.ok(readFileSync(params.source).length > 1000);
        assert.ok(existsSync(params.tokenizer!));
        imports.push(params);
        return Promise.resolve({ name: params.name, loss, told });
      },
    };
    const engine = {
      ready: () => Promise.resolve(client as EngineClient),
      restart: () => Promise.resolve(),
    };
    const run = new ImportRun(engine, log);
    const source = new DownloadSource(
      {
        get: (key) => Promise.resolve(secrets.get(key)),
        store: (key, value) => Promise.resolve(void secrets.set(key, value)),
      },
      environment,
    );
    const storage = { fsPath: "/storage" } as Uri;
    const download = new DownloadModel(source, run, log, storage);
    const speeds = new ModelSpeeds({
      get: (key: string) => memory.get(key) as never,
      update: (key, value) => Promise.resolve(void memory.set(key, value)),
    });
    const measure = () => Promise.resolve(20e9);
    return new Models(engine, download, speeds, log, measure);
  }

  async function run(): Promise<void> {
    await command.run();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const asked = (start: string) =>
    editor.asked.filter(({ text }) => text.startsWith(start));
  const items = (start: string) => (asked(start)[0]?.rest[0] ?? []) as Item[];
  const texts = (kind: Asked["kind"]) =>
    editor.asked.filter((each) => each.kind === kind).map(({ text }) => text);

  describe("as a list", () => {
    it("has what is here and what is available, and asks nobody for it", async () => {
      await run();
      assert.deepEqual(
        items("RWKV models").map(({ label }) => label),
        [
          "On this machine",
          "rwkv-code",
          "mine",
          "To download",
          "RWKV-7 G1 0.1B",
          "RWKV-7 G1 0.4B",
          "RWKV-7 G1 1.5B",
          "RWKV-7 G1 2.9B",
          "All official checkpoints…",
          "From a file",
          "Import Model…",
        ],
      );
      assert.deepEqual(hub.asked, []);
    });

    it("tells size, licence, memory and speed, and which speed is an estimate", async () => {
      await run();
      const [, first, second, , small] = items("RWKV models");
      assert.equal(first!.description, "bundled, in use here");
      assert.equal(
        first!.detail,
        "257 MB of memory · 123 tokens/s, measured · Apache-2.0 · 191 M parameters · int8 · RWKV-7",
      );
      assert.equal(second!.description, "installed");
      assert.match(second!.detail!, /about 76 tokens\/s, estimated · /);
      assert.match(
        small!.detail!,
        /^382 MB to download · 259 MB of memory · about 76 tokens\/s, estimated · Apache-2\.0$/,
      );
    });

    it("keeps what was measured for the next time", async () => {
      listed = [bundled, { ...installed, tokensPerSecond: 45.6 }];
      await run();
      editor.asked.length = 0;
      listed = [bundled, installed];
      command = load();
      await run();
      assert.match(
        items("RWKV models")[2]!.detail!,
        /46 tokens\/s, measured · /,
      );
    });

    it("needs no icon to be understood", async () => {
      await run();
      for (const { label, description, detail } of items("RWKV models"))
        assert.doesNotMatch([label, description, detail].join(), /\$\(/);
    });

    it("imports a file by the command for it", async () => {
      answers["RWKV models"] = "Import Model…";
      await run();
      assert.deepEqual(editor.commands, [["rwkv.importModel"]]);
    });
  });

  describe("for a model that is here", () => {
    beforeEach(() => (answers["RWKV models"] = "mine"));

    for (const [label, target] of [
      ["Use in This Workspace", "workspace"],
      ["Use in the Folder b", "folder"],
      ["Use Everywhere", "global"],
    ] as const)
      it(`writes rwkv.model at the choice of ${label}`, async () => {
        editor.workspaceFolders = ["a", "b"].map((name) => ({
          name,
          uri: `/work/${name}`,
        }));
        editor.activeTextEditor = textEditor("/work/b/main.ts");
        answers.mine = label;
        await run();
        assert.deepEqual(editor.updates, [
          { key: "model", value: "mine", target },
        ]);
      });

    it("offers no place that there is not", async () => {
      const labels = async () => {
        editor.asked.length = 0;
        await run();
        return items("mine").map(({ label }) => label);
      };
      const always = ["Use Everywhere", "Show Its Folder", "Delete…"];
      assert.deepEqual(await labels(), ["Use in This Workspace", ...always]);
      editor.isTrusted = false;
      assert.deepEqual(await labels(), always);
      editor.isTrusted = true;
      editor.hasFolder = false;
      assert.deepEqual(await labels(), always);
      listed = [
        bundled,
        { ...installed, problem: { code: "manifest no JSON", args: ["it"] } },
      ];
      assert.deepEqual(await labels(), ["Show Its Folder", "Delete…"]);
    });

    it("neither deletes nor shows the bundled one", async () => {
      answers["RWKV models"] = "rwkv-code";
      await run();
      const labels = items("rwkv-code").map(({ label }) => label);
      assert.deepEqual(labels, ["Use in This Workspace", "Use Everywhere"]);
    });

    it("shows its folder", async () => {
      answers.mine = "Show Its Folder";
      await run();
      const uri = { scheme: "file", fsPath: "/models/mine" };
      assert.deepEqual(editor.commands, [["revealFileInOS", uri]]);
    });

    it("deletes it when that is confirmed, and takes it out of the settings", async () => {
      answers.mine = "Delete…";
      await run();
      assert.deepEqual(removed, []);
      answers["Delete the model mine?"] = "Delete";
      editor.settings.set("model", "mine");
      editor.workspaceSettings.set("model", "other");
      await run();
      assert.deepEqual(removed, ["mine"]);
      assert.deepEqual(editor.updates, [
        { key: "model", value: undefined, target: "global" },
      ]);
    });
  });

  describe("for one that is not", () => {
    beforeEach(() => {
      answers["RWKV models"] = "RWKV-7 G1 0.1B";
      answers["Official checkpoints"] = newest;
      answers["Download "] = "Download";
    });
    const downloads = () => join(folder, "downloads");

    it("lists the size, newest first, downloads what is chosen, imports it and deletes the checkpoint", async () => {
      await run();
      assert.deepEqual(errors, []);
      assert.deepEqual(
        items("Official").map(({ label, description }) => [label, description]),
        [
          [newest, "2026-01-29, the newest"],
          [older, "2025-03-07"],
        ],
      );
      const [{ source, tokenizer, ...params } = {} as ImportModelParams] =
        imports;
      assert.deepEqual(params, {
        modelsPath: folder,
        name: newest,
        quantisation: "int8",
        license: "Apache-2.0",
      });
      assert.equal(source, join(downloads(), newest, `${newest}.pth`));
      assert.match(tokenizer!, /rwkv_vocab_v20230424\.txt$/);
      assert.equal(existsSync(downloads()), false);
      assert.deepEqual(texts("info").at(-1), `${newest} is imported: ${loss}.`);
      const confirmed = JSON.stringify(asked("Download ")[0]?.rest);
      assert.match(confirmed, new RegExp(`${newest}.pth of BlinkDL/rwkv7-g1`));
      const { message } = editor.reports.at(-1)!;
      assert.match(message!, /^0\.\d MB of 0\.\d MB/);
      const percent = editor.reports.reduce(
        (sum, { increment = 0 }) => sum + increment,
        0,
      );
      assert.ok(Math.abs(percent - 100) < 1e-6, String(percent));
    });

    it("keeps the checkpoint if the user wants it", async () => {
      answers["Download "] = "Download and Keep the Checkpoint";
      await run();
      assert.equal(imports.length, 1);
      assert.ok(existsSync(join(downloads(), newest, `${newest}.pth`)));
    });

    it("asks how exactly weights are kept for larger ones alone", async () => {
      answers["RWKV models"] = "RWKV-7 G1 1.5B";
      answers["Official checkpoints"] = large;
      answers.Quantisation = "int4";
      await run();
      assert.equal(imports[0]?.quantisation, "int4");
    });

    it("offers all of them", async () => {
      answers["RWKV models"] = "All official checkpoints…";
      answers["Official checkpoints"] = "";
      await run();
      const labels = items("Official").map(({ label }) => label);
      assert.deepEqual(labels, [newest, large, older]);
    });

    for (const start of ["Official checkpoints", "Download "])
      it(`does nothing when "${start}…" is closed`, async () => {
        answers[start] = () => undefined;
        await run();
        assert.deepEqual([imports, errors], [[], []]);
        assert.deepEqual(hub.contentRequests, []);
        assert.equal(existsSync(downloads()), false);
      });

    it("sends nothing from a workspace that is not trusted", async () => {
      editor.isTrusted = false;
      await run();
      const labels = items("RWKV models").map(({ label }) => label);
      assert.ok(labels.includes("Trust this workspace to download models…"));
      assert.ok(!labels.some((label) => /G1|official/.test(label)));
      assert.deepEqual(hub.asked, []);
      // Trust may go between the list and the choice.
      editor.isTrusted = true;
      answers["RWKV models"] = ({ rest }) => {
        editor.isTrusted = false;
        return (rest[0] as Item[]).find(({ label }) => / 0.1B$/.test(label));
      };
      await run();
      assert.deepEqual(hub.asked, []);
    });

    it("asks the user's endpoint, whatever a workspace says", async () => {
      editor.workspaceSettings.set(
        "downloadEndpoint",
        "https://example.invalid",
      );
      await run();
      assert.equal(imports.length, 1);
    });

    it("says in one sentence what is wrong with an endpoint", async () => {
      editor.settings.set("downloadEndpoint", "http://example.invalid");
      await run();
      assert.equal(texts("error").length, 1);
      assert.match(
        texts("error")[0]!,
        /^RWKV could not download the model: "http:\/\/example\.invalid" is no address[^\n]*\.$/,
      );
    });

    it("asks for a token where one is wanted, and keeps it if it is right", async () => {
      hub.token = "secret";
      answers["Token for"] = "wrong";
      await run();
      assert.match(texts("error")[0]!, /requires a valid token/);
      assert.equal(secrets.size, 0);
      answers["Token for"] = "secret";
      await run();
      assert.equal(imports.length, 1);
      assert.deepEqual(
        [...secrets],
        [[`rwkv.downloadToken ${hub.address}`, "secret"]],
      );
      assert.ok(
        hub.contentRequests.every(
          ({ headers }) => headers.authorization === undefined,
        ),
      );
      editor.asked.length = 0;
      await run();
      assert.deepEqual(texts("input"), ["Name of the model"].slice(1));
      assert.equal(imports.length, 2);
    });

    it("sends the token of the environment to the endpoint that it is for", async () => {
      environment.HF_TOKEN = "theirs";
      await run();
      assert.ok(
        hub.asked.every(({ headers }) => headers.authorization === undefined),
      );
    });

    it("does nothing when it is stopped while the list is asked for", async () => {
      hub.fault = ({ path }) =>
        path.startsWith("/api/") ? { kind: "silent", after: 0 } : undefined;
      const running = run();
      while (hub.asked.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      editor.cancel();
      await running;
      assert.deepEqual([imports, errors, texts("error")], [[], [], []]);
      assert.equal(existsSync(downloads()), false);
    });

    it("keeps what has come when it is stopped, says so, and goes on with it", async () => {
      hub.fault = ({ server }) =>
        server === "cdn" ? { kind: "silent", after: 100_000 } : undefined;
      const running = run();
      const part = join(downloads(), newest, `${newest}.pth.part`);
      while (!existsSync(part) || readFileSync(part).length < 100_000)
        await new Promise((resolve) => setTimeout(resolve, 5));
      editor.cancel();
      await running;
      assert.deepEqual([imports, errors], [[], []]);
      assert.match(texts("info").at(-1)!, /^The download was stopped/);
      hub.fault = () => undefined;
      await run();
      assert.equal(hub.contentRequests.at(-1)!.headers.range, "bytes=100000-");
      assert.equal(imports.length, 1);
    });

    it("says in one sentence why it failed", async () => {
      hub.fault = ({ server }) =>
        server === "cdn" ? { kind: "corrupt", at: 7 } : undefined;
      await run();
      assert.match(
        texts("error").join("\n"),
        /^RWKV could not download the model: [^\n]* does not match its checksum[^\n]*\.$/,
      );
      assert.deepEqual(imports, []);
    });

    it("runs once at a time", async () => {
      const first = run();
      await new Promise((resolve) => setTimeout(resolve, 1));
      await run();
      await first;
      assert.deepEqual(
        [
          imports.length,
          texts("info").includes("RWKV is downloading a model already."),
        ],
        [1, true],
      );
    });
  });
});
