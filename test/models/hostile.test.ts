import assert from "node:assert/strict";
import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { PbfWriter } from "pbf";
import { GraphBuilder } from "../../src/engine/graph";
import { encodeFp32 } from "../../src/models/formats/encode";
import type { Manifest } from "../../src/models/package/manifest";
import {
  makeTinyModel,
  tinyTokenizer,
  type TinyModel,
} from "../support/tinyModel";
import { smallTokenizerJson } from "../tokenizer/support/smallVocabularies";
import { MemoryWeights } from "./formats/writers/memoryWeights";
import { pthMembers } from "./formats/writers/pth";
import { randomModel, smallSize } from "./formats/writers/randomModel";
import { zip } from "./formats/writers/zip";
import type { HostileAnswer, HostileRequest } from "./hostile";

/** Bytes that a process may take for a file of any kind, beyond those that it has already. */
const memoryBound = 400 << 20;

const megabyte = 1 << 20;

/** Files made to hang or to use up who reads them (HOSTILE=1 prints what each costs). */
describe("a hostile file", function () {
  this.timeout(120_000);
  let root: string;
  let tiny: TinyModel;
  let folder: string;
  let child: ChildProcess | undefined;
  let socket: Server | undefined;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "rwkv-hostile-"));
    folder = join(root, "package");
    tiny = await makeTinyModel("int8");
  });
  beforeEach(() => cpSync(tiny.folder, folder, { recursive: true }));
  afterEach(() => {
    socket?.close();
    socket = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  after(() => {
    child?.kill("SIGKILL");
    tiny.remove();
    rmSync(root, { recursive: true, force: true });
  });

  /** A process that has what it takes to read any file; each file finds one that is fresh. */
  async function reader(): Promise<ChildProcess> {
    const started = fork(join(__dirname, "hostile.ts"), [], {
      execArgv: ["-r", "tsx/cjs"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await once(started, "message");
    return started;
  }

  async function refusal(
    what: string,
    request: Omit<HostileRequest, "out">,
  ): Promise<string> {
    child ??= await reader();
    child.send({ ...request, out: join(root, "out") });
    const [answer] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => assert.fail(`${what} ended its reader`)),
    ])) as [HostileAnswer];
    const taken = answer.peak - answer.before;
    if (process.env.HOSTILE !== undefined) {
      console.log(
        `      ${(answer.ms / 1000).toFixed(2)} s, ${(taken / megabyte).toFixed(0)} MiB more: ${answer.refusal.slice(0, 160)}`,
      );
      // The next figure is to be its own.
      child.kill();
      child = undefined;
    }
    assert.ok(answer.isSentence, `refused with: ${answer.refusal}`);
    assert.ok(taken < memoryBound, `${what} took ${taken} bytes`);
    assert.equal(existsSync(join(root, "out")), false);
    return answer.refusal;
  }

  const fifo = (path: string) => void execFileSync("mkfifo", [path]);
  const special: Record<string, (path: string) => void | Promise<void>> = {
    "a pipe": fifo,
    "a device": (path) => symlinkSync("/dev/zero", path),
    "a folder": (path) => mkdirSync(path),
    "a socket": async (path) => {
      socket = createServer().listen(path);
      await once(socket, "listening");
    },
  };
  for (const [what, make] of Object.entries(special)) {
    it(`is refused at once: ${what} in a model's package, as checkpoint and as tokenizer`, async function () {
      if (process.platform === "win32" && what !== "a folder") this.skip();
      for (const name of [
        "manifest.json",
        "model.onnx",
        "weights.bin",
        "tokenizer.json",
        "copy.safetensors",
      ]) {
        const kept = join(root, name);
        cpSync(join(folder, name), kept);
        rmSync(join(folder, name));
        await make(join(folder, name));
        assert.match(await refusal(what, { folder }), /no regular file/);
        socket?.close();
        rmSync(join(folder, name), { recursive: true, force: true });
        cpSync(kept, join(folder, name));
      }
      const path = join(folder, "special");
      await make(path);
      assert.match(
        await refusal(what, { source: path }),
        /no regular file.*choose/,
      );
      assert.match(
        await refusal(what, { source: checkpoint(), tokenizer: path }),
        /no regular file.*choose/,
      );
    });
  }

  /** A checkpoint that lacks nothing but a tokenizer. */
  function checkpoint(): string {
    const path = join(root, "model.pth");
    const size = { ...smallSize, vocabulary: 320 };
    const weights = new MemoryWeights(randomModel("7", size));
    writeFileSync(path, zip(pthMembers(weights, encodeFp32)));
    return path;
  }

  const changeManifest = (change: (manifest: Manifest) => void) => {
    const path = join(folder, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    change(manifest);
    writeFileSync(path, JSON.stringify(manifest));
  };

  /** Replaces a file of the package, with the right checksum. */
  function replace(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(folder, name), contents);
    const sha256 = createHash("sha256").update(contents).digest("hex");
    const bytes = statSync(join(folder, name)).size;
    changeManifest(({ files }) => (files[name] = { bytes, sha256 }));
  }

  it("is refused at once: weights that are larger than the memory", async function () {
    const bytes = totalmem() + 2 ** 30;
    try {
      truncateSync(join(folder, "weights.bin"), bytes);
    } catch {
      // This disk has no files with holes.
      this.skip();
    }
    changeManifest(({ files }) => (files["weights.bin"]!.bytes = bytes));
    assert.match(
      await refusal("a hole", { folder }),
      /this machine has .* of memory; choose a smaller model/,
    );
  });

  const sizes: [string, Partial<Manifest>][] = [
    ["a huge vocabulary", { vocabulary: 2 ** 40 }],
    ["a huge width", { width: 2 ** 40, headSize: 2 ** 39 }],
    ["a million layers", { layers: 1e6 }],
    ["one head", { heads: 1, headSize: 64 }],
  ];
  for (const [what, change] of sizes) {
    it(`is refused: a manifest with ${what}`, async () => {
      changeManifest((manifest) => Object.assign(manifest, change));
      assert.match(
        await refusal(what, { folder }),
        /is not the graph|too large to be kept/,
      );
    });
  }

  /** A ModelProto of the package's inputs and outputs, with `make` in between. */
  function graphOf(make: (graph: GraphBuilder, tokens: string) => string) {
    const graph = new GraphBuilder("weights.bin", () => undefined);
    const tokens = graph.input("tokens", "int64", ["T"]);
    graph.input("read", "int64", ["P"]);
    const logits = make(graph, tokens);
    for (const name of ["hidden", "logits", "probabilities"])
      graph.output(name, logits, "float32", ["P", 1]);
    return graph.finish();
  }

  const graphs: Record<string, () => Uint8Array> = {
    "a loop of 2⁴⁰ rounds": () =>
      graphOf((graph) => {
        const yes = new PbfWriter();
        yes.writeVarint(1);
        const truth = graph.weight("true", "bool", [], yes.finish());
        const body = graph.body(
          [
            ["int64", []],
            ["bool", []],
            ["float32", []],
          ],
          (_round, goesOn, value) => [
            [graph.node("Identity", [goesOn]), "bool"],
            [graph.node("Identity", [value]), "float32"],
          ],
        );
        return graph.node(
          "Loop",
          [graph.index(2 ** 40), truth, graph.scalar(1)],
          {
            body,
          },
        );
      }),
    "a tensor of 2⁴⁰ values": () =>
      graphOf((graph) => {
        const row = graph.node("Expand", [
          graph.scalar(1),
          graph.ints(2 ** 20, 1),
        ]);
        const column = graph.node("Expand", [
          graph.scalar(1),
          graph.ints(2 ** 20),
        ]);
        return graph.node("Add", [row, column]);
      }),
    "no outputs": () =>
      new GraphBuilder("weights.bin", () => undefined).finish(),
    "outputs that nothing makes": () => {
      // Ours, with the name of an output changed where it is made.
      const bytes = readFileSync(join(folder, "model.onnx"));
      const at = bytes.indexOf("new.wkv.0");
      bytes.write("old", at);
      return bytes;
    },
    "an operator of somebody else": () => {
      const bytes = readFileSync(join(folder, "model.onnx"));
      bytes.write("QuickGulp", bytes.indexOf("FusedGemm"));
      return bytes;
    },
    "sixteen megabytes of open messages": () =>
      Buffer.alloc(15 * megabyte, Buffer.from([0x3a, 0xff, 0xff, 0xff, 0x07])),
  };
  for (const [what, make] of Object.entries(graphs)) {
    it(`is refused before it is run: a graph with ${what}`, async () => {
      replace("model.onnx", make());
      assert.match(await refusal(what, { folder }), /is not the graph/);
    });
  }

  const nested = (length: number) => "[".repeat(length) + "]".repeat(length);
  const values = (count: number) => `[${"[],".repeat(count)}[]]`;
  const bpe = (change: object) =>
    JSON.stringify({ ...tinyTokenizer, ...change });
  /** Tokenizers of our own kind. */
  const own: Record<string, [() => string, RegExp]> = {
    "forty nested merges": [
      () => {
        const first = 8 + 256;
        const merges = Array.from({ length: 40 }, (_, i) =>
          i === 0 ? [8, 8] : [first + i - 1, first + i - 1],
        );
        return bpe({ merges });
      },
      /more than 1024 bytes/,
    ],
    "arrays in arrays": [() => nested(16e6), /nested more than/],
    "ten million arrays": [() => values(10e6), /too many/],
    "ten million special tokens": [
      () =>
        `{"format":"rwkv-bpe","version":1,"merges":[],"specials":[${'"",'.repeat(10e6)}""]}`,
      /too many/,
    ],
    "more special tokens than anybody has": [
      () => bpe({ specials: new Array<string>(100_000).fill("") }),
      /lacks its special tokens/,
    ],
    "one string of thirty megabytes": [
      () => `"${"\\\\".repeat(15 * megabyte)}"`,
      /not of format/,
    ],
  };
  for (const [what, [make, message]] of Object.entries(own)) {
    it(`is refused: a tokenizer with ${what}`, async () => {
      replace("tokenizer.json", make());
      assert.match(await refusal(what, { folder }), message);
    });
  }

  /** Tokenizers that come with a checkpoint. */
  const others: Record<string, [() => string, RegExp]> = {
    "arrays in arrays": [() => nested(16e6), /nested more than/],
    "ten million arrays": [() => values(10e6), /too many/],
    "a merge of spaces": [
      () => {
        const file = smallTokenizerJson();
        file.model.merges.push(" ".repeat(30 * megabyte));
        return JSON.stringify(file);
      },
      /is not a pair/,
    ],
    "fifteen million empty lines": [
      () => `1 'a' 1\n${"\n".repeat(30 * megabyte)}`,
      /lines/,
    ],
    "a line of thirty megabytes": [
      () => `1 'a' 1\n2 '${"a".repeat(30 * megabyte)}' 5\n`,
      /line 2|too long/,
    ],
    "four million tokens": [
      () => {
        let text = "";
        for (let id = 1; text.length < 31 * megabyte; id++)
          text += `${id} 'a' 1\n`;
        return text;
      },
      /lines/,
    ],
  };
  for (const [what, [make, message]] of Object.entries(others)) {
    it(`is refused: another model's tokenizer with ${what}`, async () => {
      const tokenizer = join(folder, "other.txt");
      writeFileSync(tokenizer, make());
      assert.match(
        await refusal(what, { source: checkpoint(), tokenizer }),
        message,
      );
    });
  }

  /** Headers of safetensors. */
  const headers: Record<string, [() => string, RegExp]> = {
    "arrays in arrays": [() => `{"a":${nested(4e6)}}`, /nested more than/],
    "two million arrays": [() => `{"a":${values(2e6)}}`, /too many/],
  };
  for (const [what, [make, message]] of Object.entries(headers)) {
    it(`is refused: a safetensors header with ${what}`, async () => {
      const source = join(folder, "a.safetensors");
      const json = Buffer.from(make());
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(source, Buffer.concat([length, json]));
      assert.match(await refusal(what, { source }), message);
    });
  }

  const zeros = Buffer.alloc(256 * megabyte);
  const bombs: Record<string, () => Buffer> = {
    "a pickle that unpacks to 256 MB": () =>
      zip([{ name: "m/data.pkl", bytes: zeros, deflate: true }]),
    "a pickle that claims less than it unpacks to": () =>
      zip([
        { name: "m/data.pkl", bytes: zeros, deflate: true, claimed: megabyte },
      ]),
    "a pickle of marks": () =>
      zip([
        {
          name: "m/data.pkl",
          bytes: Buffer.alloc(15 * megabyte, "("),
          deflate: true,
        },
      ]),
    "sixty thousand members": () =>
      zip(
        Array.from({ length: 60_000 }, (_, i) => ({
          name: `m/data/${i}`,
          bytes: Buffer.alloc(0),
        })),
      ),
  };
  for (const [what, make] of Object.entries(bombs)) {
    it(`is refused: a .pth with ${what}`, async () => {
      const source = join(folder, "a.pth");
      writeFileSync(source, make());
      await refusal(what, { source });
    });
  }
});
