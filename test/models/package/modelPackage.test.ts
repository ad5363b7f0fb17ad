import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  cpSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { encode, bytesOfText } from "../../../src/tokenizer/tokenizer";
import { loadModel } from "../../../src/runtime/loadedModel";
import type { Manifest } from "../../../src/models/package/manifest";
import { openModelPackage } from "../../support/openModelPackage";
import { assertTold } from "../../support/toldInChinese";
import { makeTinyModel, type TinyModel } from "../../support/tinyModel";

const never = new AbortController().signal;

describe("model package", () => {
  let tiny: TinyModel;
  let copy: string;

  before(async () => void (tiny = await makeTinyModel("int8")));
  beforeEach(() => {
    copy = `${tiny.folder}-copy`;
    cpSync(tiny.folder, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));
  after(() => tiny.remove());

  const changeManifest = (change: (manifest: Manifest) => void) => {
    const path = join(copy, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    change(manifest);
    writeFileSync(path, JSON.stringify(manifest));
  };

  it("loads, tells what it is, and starts documents with their path", async () => {
    const shares: number[] = [];
    const model = await loadModel(copy, {
      threads: 1,
      memoryBudget: 1e6,
      signal: never,
      onProgress: (share) => shares.push(share),
    });
    assert.match(
      model.description,
      /^tiny · RWKV-7, 0\.\d M parameters, int8 · \d+\.\d ms\/token$/,
    );
    assert.equal(model.warning?.(), undefined);
    assert.equal(shares.at(-1), 1);
    const path = encode(model.tokenizer, bytesOfText("src/lib/a.ts"));
    assert.deepEqual(model.documentStart("packages/x/src/lib/a.ts"), [
      0,
      ...path,
      1,
    ]);
    await model.dispose();
  });

  const refusals: [string, () => void, RegExp][] = [
    [
      "a missing folder",
      () => rmSync(copy, { recursive: true }),
      /manifest\.json is missing/,
    ],
    [
      "a missing file",
      () => rmSync(join(copy, "weights.bin")),
      /weights\.bin is missing/,
    ],
    [
      "a truncated file",
      () => truncateSync(join(copy, "weights.bin"), 100),
      /weights\.bin has 100 bytes instead of \d+/,
    ],
    [
      "a wrong checksum",
      () => {
        const path = join(copy, "weights.bin");
        const bytes = readFileSync(path);
        bytes[1000]! ^= 1;
        writeFileSync(path, bytes);
      },
      /weights\.bin does not match its checksum/,
    ],
    [
      "a manifest that is no JSON",
      () => writeFileSync(join(copy, "manifest.json"), "{"),
      /not JSON/,
    ],
    [
      "a huge manifest",
      () => writeFileSync(join(copy, "manifest.json"), Buffer.alloc(2 << 20)),
      /too large/,
    ],
    [
      "another format",
      () => changeManifest((m) => Object.assign(m, { format: 3 })),
      /format 3.*update the extension/,
    ],
    [
      "an unknown architecture",
      () => changeManifest((m) => Object.assign(m, { architecture: "rwkv9" })),
      /rwkv9/,
    ],
    [
      "a file outside the folder",
      () => changeManifest((m) => (m.files["../x"] = { bytes: 1, sha256: "" })),
      /"\.\.\/x"/,
    ],
    [
      "a start token outside the vocabulary",
      () => changeManifest((m) => (m.documentStart = { file: 0, text: 1e6 })),
      /documentStart/,
    ],
    [
      "no start tokens",
      () => changeManifest((m) => (m.documentStart = { tokens: [] })),
      /documentStart/,
    ],
    [
      "a generation of another architecture",
      () => changeManifest((m) => (m.generation = "5.2")),
      /5\.2.*rwkv7/,
    ],
    [
      "an unknown tokenizer",
      () =>
        changeManifest((m) =>
          Object.assign(m.tokenizer, { kind: "sentencepiece" }),
        ),
      /tokenizer/,
    ],
    [
      "a tokenizer without its file",
      () => changeManifest((m) => (m.tokenizer = { kind: "world", file: "x" })),
      /does not list x/,
    ],
    [
      "an unknown quantisation",
      () => changeManifest((m) => Object.assign(m, { quantisation: "int2" })),
      /int2/,
    ],
    [
      "a list without the graph",
      () => changeManifest((m) => delete m.files["model.onnx"]),
      /model\.onnx/,
    ],
  ];
  for (const [what, damage, message] of refusals) {
    it(`refuses ${what} in one sentence that names the fix`, async () => {
      damage();
      await assert.rejects(openModelPackage(copy, never), (error: Error) => {
        assert.equal(error.name, "ModelError");
        assertTold(error);
        assert.match(error.message, message);
        assert.match(error.message, /again|update/);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }

  it("says that a file is damaged, whatever else fails because of it", async () => {
    for (const [name, damaged] of [
      ["tokenizer.json", /tokenizer\.json does not match its checksum/],
      ["model.onnx", /model\.onnx does not match its checksum/],
    ] as const) {
      const path = join(copy, name);
      const bytes = readFileSync(path);
      writeFileSync(path, Buffer.alloc(bytes.length, "x"));
      await assert.rejects(
        loadModel(copy, { threads: 1, memoryBudget: 1e6, signal: never }),
        damaged,
      );
      writeFileSync(path, bytes);
    }
  });

  it("compares a file of any size with its checksum", async () => {
    const large = Buffer.alloc((16 << 20) + 1);
    const list = (bytes: Buffer) => {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      changeManifest(
        (m) => (m.files["more.bin"] = { bytes: bytes.length, sha256 }),
      );
    };
    const path = join(copy, "more.bin");
    for (const bytes of [large, large.subarray(1), large.subarray(0, 0)]) {
      writeFileSync(path, bytes);
      list(bytes);
      assert.equal((await openModelPackage(copy, never)).name, "tiny");
      list(Buffer.alloc(bytes.length, 1));
      if (bytes.length > 0)
        await assert.rejects(
          openModelPackage(copy, never),
          /more\.bin does not/,
        );
    }
  });

  it("refuses a graph that is not one, though its checksum is right", async () => {
    const garbage = Buffer.from("not a graph");
    writeFileSync(join(copy, "model.onnx"), garbage);
    const sha256 = createHash("sha256").update(garbage).digest("hex");
    changeManifest(
      (m) => (m.files["model.onnx"] = { bytes: garbage.length, sha256 }),
    );
    await assert.rejects(
      loadModel(copy, { threads: 1, memoryBudget: 1e6, signal: never }),
      /model\.onnx is not the graph .* is not run; import the model again$/,
    );
  });

  it("stops when it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("closed"));
    await assert.rejects(openModelPackage(copy, signal), /closed/);
  });
});
