import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelsRequest, RemoveModelRequest } from "../../../src/protocol";
import type { Figures } from "../../support/fakeServer";
import { ServerProcess } from "../../support/serverProcess";
import { makeTinyModel, type TinyModel } from "../../support/tinyModel";

const uri = "file:///work/main.ts";

describe("rwkv/models and rwkv/removeModel", function () {
  this.timeout(60_000);
  let tiny: TinyModel;
  let folder: string;
  let modelsPath: string;
  let server: ServerProcess;

  before(async () => {
    tiny = await makeTinyModel();
  });
  after(() => tiny.remove());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-model-list-"));
    modelsPath = join(folder, "models");
    for (const name of ["first", "second"])
      cpSync(tiny.folder, join(modelsPath, name), { recursive: true });
    server = await ServerProcess.start({
      texts: ["const answer = 42;\n"],
      initializationOptions: {
        bundledModel: tiny.folder,
        modelsPath,
        settings: { model: "first" },
        notifications: true,
      },
    });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const models = async () =>
    (await server.connection.sendRequest(ModelsRequest, {})).models;
  const remove = (name: string) =>
    server.connection.sendRequest(RemoveModelRequest, { name });

  it("tells the bundled model and those of the folder, with what they are", async () => {
    const [bundled, ...others] = await models();
    assert.deepEqual(
      others.map(({ name }) => name),
      ["first", "second"],
    );
    const manifest = JSON.parse(
      readFileSync(join(tiny.folder, "manifest.json"), "utf8"),
    ) as {
      files: Record<string, { bytes: number }>;
      vocabulary: number;
      width: number;
      parameters: number;
    };
    const { bytes } = manifest.files["weights.bin"]!;
    assert.deepEqual(bundled, {
      name: "bundled",
      folder: tiny.folder,
      title: "tiny",
      license: "Apache-2.0",
      generation: "7",
      parameters: manifest.parameters,
      quantisation: "none",
      bytes,
      bytesPerToken: bytes - 4 * manifest.vocabulary * manifest.width,
    });
  });

  it("tells the speed of a model that is loaded", async () => {
    await server.open(uri, "const answer = █");
    await server.ready();
    const speeds = (await models()).map((model) => model.tokensPerSecond);
    assert.deepEqual(speeds, [undefined, 1000, undefined]);
  });

  it("leaves out what is no model, and says what is wrong with one", async () => {
    mkdirSync(join(modelsPath, "empty"));
    mkdirSync(join(modelsPath, "other"));
    writeFileSync(join(modelsPath, "other", "manifest.json"), "{}");
    writeFileSync(join(modelsPath, "file"), "");
    const path = join(modelsPath, "second", "manifest.json");
    const old = readFileSync(path, "utf8").replace(
      '"format": 2',
      '"format": 1',
    );
    writeFileSync(path, old);
    const all = await models();
    assert.deepEqual(
      all.map(({ name }) => name),
      ["bundled", "first", "second"],
    );
    const { problem } = all[2]!;
    assert.deepEqual(problem, {
      code: "manifest format",
      args: [path, "1"],
    });
    await remove("second");
    assert.equal((await models()).length, 2);
  });

  it("deletes a model, one in use as well, and completes with it no more", async () => {
    await server.open(uri, "const answer = █");
    await server.ready();
    assert.equal(await server.suggestion(uri, "const answer = █"), "42;");
    await remove("first");
    assert.deepEqual(readdirSync(modelsPath), ["second"]);
    const { disposed } =
      await server.connection.sendRequest<Figures>("test/figures");
    assert.equal(disposed, 1);
    assert.ok(
      server.log.some((line) => line.startsWith("model first deleted")),
    );
  });

  it("deletes nothing else", async () => {
    writeFileSync(join(modelsPath, "second", "notes.txt"), "mine");
    for (const name of ["second", "third", "bundled", "..", "", "first/x"])
      await assert.rejects(remove(name), name);
    assert.deepEqual(readdirSync(modelsPath), ["first", "second"]);
    assert.ok(readdirSync(join(modelsPath, "second")).length > 3);
    assert.ok(readdirSync(tiny.folder).length > 3);
  });
});
