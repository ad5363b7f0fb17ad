import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CancellationTokenSource, ResponseError } from "vscode-jsonrpc/node";
import {
  LSPErrorCodes,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from "vscode-languageserver-protocol";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import type { Manifest } from "../../../src/models/package/manifest";
import {
  ImportModelRequest,
  type ImportModelFailure,
  type ImportModelParams,
} from "../../../src/protocol";
import { MemoryWeights } from "../../models/formats/writers/memoryWeights";
import {
  randomModel,
  smallSize,
  type ModelSize,
} from "../../models/formats/writers/randomModel";
import { ServerProcess } from "../../support/serverProcess";
import { smallWorldVocabulary } from "../../tokenizer/support/smallVocabularies";

type Progress =
  WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
type Failure = ResponseError<ImportModelFailure | undefined>;

const token = "import";
const uri = "file:///work/main.ts";

describe("rwkv/importModel", () => {
  let folder: string;
  let modelsPath: string;
  let server: ServerProcess;
  let progress: Progress[];
  let onProgress: (progress: Progress) => void;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-import-request-"));
    modelsPath = join(folder, "models");
    server = await ServerProcess.start({
      texts: ["const answer = 42;\n"],
      stepMs: 1,
    });
    progress = [];
    onProgress = () => {};
    server.connection.onProgress(WorkDoneProgress.type, token, (value) => {
      progress.push(value);
      onProgress(value);
    });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A checkpoint of random weights. */
  function checkpoint(size: Partial<ModelSize> = {}): string {
    const path = join(folder, "tiny.safetensors");
    const tensors = randomModel("7", {
      ...smallSize,
      vocabulary: 256,
      ...size,
    });
    writeSafetensors(path, new MemoryWeights(tensors), encodeFp32);
    return path;
  }
  const manifest = () =>
    JSON.parse(
      readFileSync(join(modelsPath, "tiny", "manifest.json"), "utf8"),
    ) as Manifest;

  const paramsFor = (
    source: string,
    others: Partial<ImportModelParams> = {},
  ): ImportModelParams => ({
    source,
    modelsPath,
    name: "tiny",
    quantisation: "int8",
    workDoneToken: token,
    ...others,
  });
  const request = (
    params: ImportModelParams,
    cancellation = new CancellationTokenSource(),
  ) =>
    server.connection.sendRequest(
      ImportModelRequest,
      params,
      cancellation.token,
    );

  async function failureOf(params: ImportModelParams): Promise<Failure> {
    const error = await request(params).then(
      () => assert.fail("the import went well"),
      (thrown: unknown) => thrown as Failure,
    );
    assert.doesNotMatch(error.message, /\n/);
    return error;
  }

  it("makes a package, tells the bytes on the way and what quantisation costs", async () => {
    const result = await request(paramsFor(checkpoint()));
    assert.equal(result.name, "tiny");
    assert.match(
      result.loss,
      /^against full precision, the same likeliest token at [\d.]+ % of 64 positions, KL divergence \S+ nats$/,
    );
    assert.deepEqual(readdirSync(modelsPath), ["tiny"]);
    assert.equal(manifest().name, "tiny");
    assert.equal(manifest().quantisation, "int8");

    const [begin, ...reports] = progress;
    const end = reports.pop();
    assert.deepEqual(begin, {
      kind: "begin",
      title: "Importing tiny",
      cancellable: true,
      percentage: 0,
    });
    assert.deepEqual(end, { kind: "end" });
    assert.ok(reports.length > 0);
    let last = 0;
    for (const report of reports) {
      assert.ok(report.kind === "report");
      assert.match(report.message ?? "", /[\d.]+ MB \/ [\d.]+ MB$/);
      assert.ok((report.percentage ?? 0) >= last);
      last = report.percentage ?? 0;
    }
    assert.ok(last <= 100);
    assert.ok(server.log.some((line) => /^import: .*\(int8\)/.test(line)));
  });

  it("says so when nothing was quantised", async () => {
    const params = paramsFor(checkpoint(), { quantisation: "none" });
    assert.deepEqual(await request(params), {
      name: "tiny",
      loss: "nothing was quantised",
      told: { code: "nothing quantised", args: [] },
    });
  });

  it("completes while it imports", async () => {
    await server.open(uri, "const answer = █");
    await server.ready();
    let isDone = false;
    const import_ = request(paramsFor(checkpoint())).finally(
      () => (isDone = true),
    );
    assert.equal(await server.suggestion(uri, "const answer = █"), "42;");
    assert.equal(isDone, false);
    await import_;
  });

  it("asks for the tokenizer in a way that a client recognises, and takes it", async () => {
    const source = checkpoint({ vocabulary: 320 });
    const error = await failureOf(paramsFor(source));
    assert.deepEqual(error.data, {
      missing: "tokenizer",
      told: { code: "no tokenizer", args: [source, "tokenizer.json", ""] },
    });
    assert.match(error.message, /tokenizer\.json beside it, or name the file$/);
    assert.equal(existsSync(modelsPath), false);

    mkdirSync(join(folder, "elsewhere"));
    const tokenizer = join(folder, "elsewhere", "vocabulary.txt");
    writeFileSync(tokenizer, smallWorldVocabulary());
    await request(paramsFor(source, { tokenizer }));
    assert.equal(manifest().tokenizer.kind, "world");
  });

  it("does not ask again when the tokenizer is the wrong one", async () => {
    const tokenizer = join(folder, "wrong.txt");
    writeFileSync(tokenizer, "1 'a' 2\n");
    const source = checkpoint({ vocabulary: 320 });
    const error = await failureOf(paramsFor(source, { tokenizer }));
    assert.equal(error.data?.told?.code, "tokenizer unusable");
    assert.equal(error.data?.missing, undefined);
    assert.match(error.message, /wrong\.txt is no usable tokenizer/);
  });

  const refusals: [string, Partial<ImportModelParams>, RegExp][] = [
    ["a relative source", { source: "tiny.pth" }, /by its full path/],
    [
      "a relative folder",
      { modelsPath: "models" },
      /"models" is none.*rwkv\.modelsPath/,
    ],
    [
      "a name that leaves the folder",
      { name: ".." },
      /"\.\." cannot be a model's name/,
    ],
    ["a path as a name", { name: "a/b" }, /"a\/b" cannot be a model's name/],
    ["the bundled model's name", { name: "bundled" }, /"bundled" cannot be/],
    [
      "an unknown quantisation",
      { quantisation: "int2" as "int4" },
      /"int2" is no quantisation.*int8, int4, none/,
    ],
    ["a missing file", { source: "/nowhere/x.pth" }, /\/nowhere\/x\.pth/],
  ];
  for (const [what, others, message] of refusals) {
    it(`refuses ${what} in one sentence`, async () => {
      const error = await failureOf(paramsFor(checkpoint(), others));
      assert.match(error.message, message);
      assert.equal(existsSync(modelsPath), false);
    });
  }

  it("keeps a folder that holds something else", async () => {
    const other = join(modelsPath, "tiny", "thesis.txt");
    mkdirSync(join(modelsPath, "tiny"), { recursive: true });
    writeFileSync(other, "dear");
    const error = await failureOf(paramsFor(checkpoint()));
    assert.match(error.message, /has files that belong to no model/);
    assert.equal(readFileSync(other, "utf8"), "dear");
  });

  it("refuses a second import into the same folder while the first is at it", async () => {
    const source = checkpoint();
    const first = request(paramsFor(source));
    const error = await failureOf(paramsFor(source));
    assert.match(error.message, /is being written by another import/);
    await first;
    await request(paramsFor(source));
  });

  it("leaves nothing behind when it is cancelled while it writes", async () => {
    const source = checkpoint({ layers: 6, width: 256, ffn: 1024 });
    const cancellation = new CancellationTokenSource();
    let isWriting = false;
    onProgress = ({ kind }) => {
      if (kind !== "report" || cancellation.token.isCancellationRequested)
        return;
      isWriting = readdirSync(modelsPath).some((name) =>
        /^tiny\..*\.partial$/.test(name),
      );
      cancellation.cancel();
    };
    await assert.rejects(request(paramsFor(source), cancellation), {
      code: LSPErrorCodes.RequestCancelled,
    });
    assert.ok(isWriting);
    assert.equal(existsSync(modelsPath), false);
    assert.deepEqual(progress.at(-1), { kind: "end" });
  });

  it("leaves nothing behind when the server ends while it writes", async () => {
    const source = checkpoint({ layers: 6, width: 256, ffn: 1024 });
    const written = new Promise<void>((resolve) => {
      onProgress = ({ kind }) => kind === "report" && resolve();
    });
    void request(paramsFor(source)).catch(() => {});
    await written;
    assert.ok(existsSync(modelsPath));
    server.process.kill("SIGKILL");
    for (let i = 0; i < 200 && existsSync(modelsPath); i++) await sleep(50);
    assert.equal(existsSync(modelsPath), false);
    server = await ServerProcess.start({ texts: [] });
  });

  it("tries a model again that could not be loaded before", async () => {
    await server.stop();
    server = await ServerProcess.start({
      texts: [],
      initializationOptions: { modelsPath, settings: { model: "broken" } },
    });
    const loads = async () => (await server.figures()).loads;
    await server.open(uri, "x█");
    await server.ready();
    await server.suggestion(uri, "x█");
    assert.equal(await loads(), 1);
    await request(paramsFor(checkpoint(), { name: "broken" }));
    await server.suggestion(uri, "x█");
    assert.equal(await loads(), 2);
  });
});
