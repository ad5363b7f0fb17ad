import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEndpoint } from "../../../src/download/endpoint";
import {
  describeName,
  repositories,
} from "../../../src/models/catalogue/catalogue";
import { obtainCheckpoint } from "../../../src/models/catalogue/obtain";
import {
  findVocabulary,
  officialCheckpoints,
  ofSize,
} from "../../../src/models/catalogue/official";
import { FakeHub } from "../../support/fakeHub";

const g1 = "BlinkDL/rwkv7-g1";
const world = "BlinkDL/rwkv-7-world";
const vocabulary = "rwkv_vocab_v20230424.txt";
const policy = { failures: 2, firstDelayMs: 1, longestDelayMs: 1 };
const options = { signal: new AbortController().signal, policy };

describe("names of official checkpoints", () => {
  const described = (name: string) =>
    repositories
      .map((repository) => describeName(repository, name))
      .find((each) => each !== undefined);

  for (const [name, series, sizeName, date] of [
    ["rwkv7-g1-0.1b-20250307-ctx4096", "rwkv7-g1", "0.1B", "20250307"],
    ["rwkv7-g1a2-1.5b-20251005-ctx4096", "rwkv7-g1a2", "1.5B", "20251005"],
    ["rwkv7-g1k-13.3b-20260930-ctx25600", "rwkv7-g1k", "13.3B", "20260930"],
    ["rwkv7-g0a3-7.2b-20251029-ctx8192", "rwkv7-g0a3", "7.2B", "20251029"],
    ["rwkv7a-g1d-0.1b-20260212-ctx8192", "rwkv7a-g1d", "0.1B", "20260212"],
    [
      "RWKV-x070-World-2.9B-v3-20250211-ctx4096",
      "RWKV-x070-World",
      "2.9B",
      "20250211",
    ],
  ] as const)
    it(`say what ${name} is`, () => {
      assert.deepEqual(described(`${name}.pth`), { series, sizeName, date });
    });

  for (const name of [
    "README.md",
    vocabulary,
    // A network that is not imported.
    "rwkv7b-g1b-0.1b-20250822-ctx4096.pth",
    "rwkv7-g1-0.1b-20250307-ctx4096.gguf",
    "x/rwkv7-g1-0.1b-20250307-ctx4096.pth",
    "../rwkv7-g1-0.1b-20250307-ctx4096.pth",
    "rwkv7-g1-0.1b-20250307-ctx4096.pth/x",
  ])
    it(`leave out ${name}`, () => {
      assert.equal(described(name), undefined);
    });
});

describe("official checkpoints", () => {
  let hub: FakeHub;
  beforeEach(async () => {
    hub = await FakeHub.start();
  });
  afterEach(() => hub.stop());
  const source = () => ({ endpoint: parseEndpoint(hub.address) });
  const content = (length = 2000) => Buffer.alloc(length, 1);

  it("come newest first, of all repositories, with what they are", async () => {
    hub.put(g1, "rwkv7-g1-0.1b-20250307-ctx4096.pth", content());
    hub.put(g1, "rwkv7-g1d-0.4b-20260210-ctx8192.pth", content(3000));
    hub.put(g1, "README.md", content());
    hub.put(world, "RWKV-x070-World-0.4B-v2.9-20250107-ctx4096.pth", content());
    const all = await officialCheckpoints(source(), options);
    assert.deepEqual(
      all.map(({ name, date }) => [name, date]),
      [
        ["rwkv7-g1d-0.4b-20260210-ctx8192", "20260210"],
        ["rwkv7-g1-0.1b-20250307-ctx4096", "20250307"],
        ["RWKV-x070-World-0.4B-v2.9-20250107-ctx4096", "20250107"],
      ],
    );
    const { checksum, ...first } = all[0]!;
    assert.equal(checksum.algorithm, "sha256");
    assert.deepEqual(first, {
      repository: g1,
      path: "rwkv7-g1d-0.4b-20260210-ctx8192.pth",
      size: 3000,
      series: "rwkv7-g1d",
      sizeName: "0.4B",
      date: "20260210",
      name: "rwkv7-g1d-0.4b-20260210-ctx8192",
      license: "Apache-2.0",
    });
  });

  it("of a size are those of the series that is advised", async () => {
    const advised = ["rwkv7-g1-0.1b-20250307-ctx4096"];
    const others = [
      "rwkv7a-g1d-0.1b-20260212-ctx8192",
      "rwkv7-g1d-0.4b-20260210-ctx8192",
    ];
    for (const name of [...advised, ...others])
      hub.put(g1, `${name}.pth`, content());
    hub.put(world, "RWKV-x070-World-1.5B-v3-20250127-ctx4096.pth", content());
    const all = await officialCheckpoints(source(), options);
    const names = (sizeName: string) =>
      ofSize(all, sizeName).map(({ name }) => name);
    assert.deepEqual(names("0.1B"), advised);
    assert.deepEqual(names("1.5B"), [
      "RWKV-x070-World-1.5B-v3-20250127-ctx4096",
    ]);
    assert.deepEqual(names("2.9B"), []);
  });

  it("come from a mirror that lacks a repository", async () => {
    hub.put(world, "RWKV-x070-World-0.4B-v2.9-20250107-ctx4096.pth", content());
    assert.equal((await officialCheckpoints(source(), options)).length, 1);
  });

  it("are an error where nobody has any", async () => {
    await assert.rejects(officialCheckpoints(source(), options), {
      data: {
        code: "download missing",
        args: [new URL(hub.address).host, `/api/models/${g1}/tree/main`],
      },
    });
  });

  it("have their vocabulary from their own repository, else from another", async () => {
    hub.put("RWKV/rwkv-6-world-1b6", vocabulary, content());
    const found = () => findVocabulary(g1, source(), options);
    assert.equal((await found()).repository, "RWKV/rwkv-6-world-1b6");
    hub.put(g1, vocabulary, content());
    assert.equal((await found()).repository, g1);
  });

  it("are not asked for where nobody has the vocabulary, or the disk has no room", async () => {
    const name = "rwkv7-g1-0.1b-20250307-ctx4096.pth";
    hub.put(g1, name, content());
    const [checkpoint] = await officialCheckpoints(source(), options);
    const folder = mkdtempSync(join(tmpdir(), "rwkv-obtain-"));
    const obtain = (size: number) =>
      obtainCheckpoint(
        { ...checkpoint!, size },
        folder,
        "int8",
        source(),
        options,
      );
    try {
      await assert.rejects(obtain(2000), {
        data: { code: "download vocabulary", args: [vocabulary] },
      });
      hub.asked.length = 0;
      await assert.rejects(obtain(2 ** 52), ({ message }: Error) =>
        /needs \d+ MB, for the file and the model made from it/.test(message),
      );
      assert.deepEqual(hub.asked, []);
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
