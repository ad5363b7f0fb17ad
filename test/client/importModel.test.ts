import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogOutputChannel, Uri } from "vscode";
import type { EngineClient } from "../../src/client/engineClient";
import type * as importModel from "../../src/client/importModel";
import type * as importRun from "../../src/client/importRun";
import type { ImportModelParams } from "../../src/protocol";
import { FakeEditor, type Asked } from "./support/fakeVscode";

type Request = EngineClient["importModel"];

const source = "/downloads/tiny.pth";
const loss = "nothing was quantised";
const told = { code: "nothing quantised", args: [] } as const;

describe("Import Model…", () => {
  let folder: string;
  let editor: FakeEditor;
  let requests: ImportModelParams[];
  let restarts: number;
  let shownLog: number;
  /** How the engine answers. */
  let engine: Request;
  let command: importModel.ImportModel;
  /** By the start of a dialog's text; else the dialog is closed. */
  let answers: Record<string, (asked: Asked) => unknown>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-import-command-"));
    editor = new FakeEditor();
    requests = [];
    restarts = 0;
    shownLog = 0;
    engine = ({ name }) => Promise.resolve({ name, loss, told });
    answers = {
      "Choose an RWKV": () => [{ scheme: "file", fsPath: source }],
      Quantisation: ({ rest }) => (rest[0] as unknown[])[0],
      "No models folder": () => "Use This Folder",
    };
    editor.answer = (asked) =>
      Object.entries(answers).find(([start]) =>
        asked.text.startsWith(start),
      )?.[1](asked);
    editor.settings.set("modelsPath", folder);

    const { ImportModel } = editor.load<typeof importModel>("importModel");
    const { ImportRun } = editor.load<typeof importRun>("importRun");
    const importRequest: Request = (params, ...rest) => {
      requests.push(params);
      return engine(params, ...rest);
    };
    const run = new ImportRun(
      {
        ready: () =>
          Promise.resolve({
            importModel: importRequest,
          } as unknown as EngineClient),
        restart: () => Promise.resolve(void restarts++),
      },
      {
        info: () => {},
        error: () => {},
        show: () => shownLog++,
      } as unknown as LogOutputChannel,
    );
    command = new ImportModel(run, { fsPath: "/storage" } as Uri);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Messages still to be answered have had their answer. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  async function run(): Promise<void> {
    await command.run();
    await settled();
  }
  const texts = (kind: Asked["kind"]) =>
    editor.asked.filter((asked) => asked.kind === kind).map(({ text }) => text);

  it("imports the chosen file under its name into the models folder", async () => {
    await run();
    assert.deepEqual(requests, [
      { source, modelsPath: folder, name: "tiny", quantisation: "int8" },
    ]);
    const [open] = editor.asked;
    assert.deepEqual((open?.rest[0] as { filters: unknown }).filters, {
      "RWKV checkpoints": ["pth", "safetensors", "gguf", "bin"],
    });
    assert.deepEqual(texts("info"), [`tiny is imported: ${loss}.`]);
    assert.deepEqual(editor.updates, []);
    assert.equal(restarts, 0);
  });

  it("explains every quantisation in a line, and recommends int8", async () => {
    await run();
    const pick = editor.asked.find(({ kind }) => kind === "pick");
    const items = pick?.rest[0] as { label: string; detail: string }[];
    assert.deepEqual(
      items.map(({ label }) => label),
      ["int8", "int4", "none"],
    );
    for (const { detail } of items) assert.match(detail, /^[^\n]{20,100}$/);
    assert.equal(
      (items[0] as { description?: string }).description,
      "recommended",
    );
  });

  for (const [choice, target] of [
    ["Use in This Workspace", "workspace"],
    ["Use Everywhere", "global"],
  ] as const) {
    it(`writes rwkv.model at the choice of ${choice}`, async () => {
      answers["tiny is imported"] = () => choice;
      await run();
      assert.deepEqual(editor.updates, [
        { key: "model", value: "tiny", target },
      ]);
    });
  }

  it("offers no workspace that is not trusted or not there", async () => {
    const offered = () =>
      editor.asked.find(({ text }) => text.startsWith("tiny is imported"))
        ?.rest;
    editor.isTrusted = false;
    await run();
    assert.deepEqual(offered(), ["Use Everywhere"]);
    editor.asked.length = 0;
    editor.isTrusted = true;
    editor.hasFolder = false;
    await run();
    assert.deepEqual(offered(), ["Use Everywhere"]);
  });

  it("puts models into the extension's storage with consent, and sets the setting afterwards", async () => {
    editor.settings.clear();
    engine = ({ name }) => {
      assert.deepEqual(editor.updates, []);
      return Promise.resolve({ name, loss, told });
    };
    await run();
    assert.equal(requests[0]?.modelsPath, "/storage/models");
    const consent = editor.asked.find(({ text }) =>
      text.startsWith("No models"),
    );
    assert.match(JSON.stringify(consent?.rest), /\/storage\/models/);
    assert.deepEqual(editor.updates, [
      { key: "modelsPath", value: "/storage/models", target: "global" },
    ]);
  });

  it("writes nothing without that consent, or when any question is closed", async () => {
    editor.settings.clear();
    delete answers["No models folder"];
    await run();
    editor.settings.set("modelsPath", folder);
    delete answers["Quantisation"];
    await run();
    delete answers["Choose an RWKV"];
    await run();
    assert.deepEqual([requests, editor.updates], [[], []]);
  });

  it("asks for another name when the file's is in use, and restarts the engine when it is kept", async () => {
    mkdirSync(join(folder, "tiny"));
    answers["Name of the model"] = ({ rest }) => {
      const { value, validateInput } = rest[0] as {
        value: string;
        validateInput: (value: string) => unknown;
      };
      assert.equal(value, "tiny");
      assert.deepEqual(validateInput("tiny"), {
        message: "There is a model of this name; it will be replaced.",
        severity: 2,
      });
      assert.equal(validateInput("a/b"), "This cannot be a model's name.");
      assert.equal(validateInput("tiny-2"), undefined);
      return "tiny-2";
    };
    await run();
    assert.equal(restarts, 0);
    answers["Name of the model"] = () => "tiny";
    await run();
    assert.equal(restarts, 1);
    assert.deepEqual(
      requests.map(({ name }) => name),
      ["tiny-2", "tiny"],
    );
  });

  it("shows progress as increments", async () => {
    engine = ({ name }, onProgress) => {
      onProgress({ message: "1 / 4 MB", percentage: 25 });
      onProgress({ message: "3 / 4 MB", percentage: 75 });
      return Promise.resolve({ name, loss, told });
    };
    await run();
    assert.deepEqual(editor.reports, [
      { message: "1 / 4 MB", increment: 25 },
      { message: "3 / 4 MB", increment: 50 },
    ]);
  });

  /** As the LSP library rejects when the server lacks a tokenizer. */
  const lacking = () =>
    Object.assign(new Error("no tokenizer"), {
      data: { missing: "tokenizer" },
    });

  it("asks for a tokenizer that is missing, and goes on with it", async () => {
    engine = ({ name, tokenizer }) =>
      tokenizer === undefined
        ? Promise.reject(lacking())
        : Promise.resolve({ name, loss, told });
    answers["No tokenizer was found for tiny.pth"] = () => "Choose File…";
    answers["Choose the model's"] = () => [
      { scheme: "file", fsPath: "/downloads/vocabulary.txt" },
    ];
    await run();
    assert.equal(requests.at(-1)?.tokenizer, "/downloads/vocabulary.txt");
    assert.deepEqual(texts("error"), []);
    assert.deepEqual(texts("info"), [`tiny is imported: ${loss}.`]);
  });

  it("gives up quietly when no tokenizer is chosen, and asks once at most", async () => {
    engine = () => Promise.reject(lacking());
    await run();
    assert.equal(requests.length, 1);
    assert.deepEqual(texts("error"), []);
    answers["No tokenizer was found for tiny.pth"] = () => "Choose File…";
    answers["Choose the model's"] = () => [
      { scheme: "file", fsPath: "/downloads/vocabulary.txt" },
    ];
    await run();
    assert.equal(requests.length, 3);
    assert.equal(texts("error").length, 1);
  });

  it("says in one sentence why it failed, with the log at hand", async () => {
    engine = () => Promise.reject(new Error("the disk is full"));
    answers["RWKV could not import"] = () => "Show Log";
    await run();
    assert.deepEqual(texts("error"), [
      "RWKV could not import the model: the disk is full.",
    ]);
    assert.equal(shownLog, 1);
    assert.deepEqual(texts("info"), []);
  });

  it("says nothing when it is cancelled", async () => {
    engine = () => {
      editor.cancel();
      return Promise.reject(new Error("cancelled"));
    };
    await run();
    assert.deepEqual([texts("error"), texts("info")], [[], []]);
  });

  it("refuses a file of a virtual workspace", async () => {
    answers["Choose an RWKV"] = () => [
      { scheme: "vscode-vfs", toString: () => "vscode-vfs://x/tiny.pth" },
    ];
    await run();
    assert.match(texts("error")[0] ?? "", /not on this machine's disk/);
    assert.deepEqual(requests, []);
  });

  it("runs once at a time", async () => {
    let finish = () => {};
    engine = ({ name }) =>
      new Promise((resolve) => (finish = () => resolve({ name, loss, told })));
    const first = command.run();
    await settled();
    await run();
    assert.deepEqual(texts("info"), ["RWKV is importing a model already."]);
    finish();
    await first;
    assert.equal(requests.length, 1);
  });
});
