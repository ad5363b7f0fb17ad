import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseEndpoint } from "../../src/download/endpoint";
import { addressOf, listFiles } from "../../src/download/repository";
import { FakeHub, type Fault } from "../support/fakeHub";

const policy = { failures: 3, firstDelayMs: 1, longestDelayMs: 1 };
const options = { signal: new AbortController().signal, policy };

describe("the list of a repository", () => {
  let hub: FakeHub;
  const list = (repository = "a/b") =>
    listFiles(repository, { endpoint: parseEndpoint(hub.address) }, options);

  beforeEach(async () => {
    hub = await FakeHub.start();
  });
  afterEach(() => hub.stop());

  it("has sizes, and the checksums of git and of LFS", async () => {
    const large = Buffer.alloc(5000, 7);
    hub.put("a/b", "README.md", Buffer.from("hello\n"));
    hub.put("a/b", "large.pth", large);
    const value = createHash("sha256").update(large).digest("hex");
    assert.deepEqual(await list(), [
      {
        repository: "a/b",
        path: "README.md",
        size: 6,
        checksum: {
          algorithm: "git",
          // As `git hash-object` says.
          value: "ce013625030ba8dba906f756967f9e9ca394464a",
        },
      },
      {
        repository: "a/b",
        path: "large.pth",
        size: 5000,
        checksum: { algorithm: "sha256", value },
      },
    ]);
  });

  it("is read page by page", async () => {
    for (let i = 0; i < 7; i++)
      hub.put("a/b", `file-${i}`, Buffer.from(String(i)));
    hub.pageSize = 3;
    const paths = (await list()).map(({ path }) => path);
    assert.deepEqual(
      paths,
      [0, 1, 2, 3, 4, 5, 6].map((i) => `file-${i}`),
    );
    assert.equal(hub.asked.length, 3);
  });

  it("may have ten thousand entries, in one page or in many", async () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => ({
      type: "file",
      oid: "a".repeat(40),
      size: 2e9,
      lfs: { oid: "b".repeat(64), size: 2e9, pointerSize: 135 },
      path: `folder name/rwkv7-g1-${i}é.pth`,
    }));
    assert.equal((await listOf(JSON.stringify(entries))).length, 10_000);
    for (let i = 0; i < 10_000; i++)
      hub.put("a/b", `file-${i}`, Buffer.from("1"));
    assert.equal((await list()).length, 10_000);
    assert.equal(hub.asked.length, 10);
  });

  it("ends where each page leads to the next without an end", async () => {
    hub.put("a/b", "file", Buffer.from("1"));
    hub.pageSize = 0;
    assert.deepEqual(await list(), []);
    assert.ok(hub.asked.length <= 20);
  });

  for (const fault of [
    { kind: "gzip" },
    { kind: "break", after: 10 },
    { kind: "status", status: 503 },
    { kind: "reset" },
  ] as Fault[])
    it(`comes in spite of ${JSON.stringify(fault)}`, async () => {
      hub.put("a/b", "file", Buffer.from("1"));
      const faults = [fault];
      hub.fault = () => faults.shift();
      assert.equal((await list()).length, 1);
    });

  it("says which repository there is not", async () => {
    await assert.rejects(list("a/c"), {
      data: {
        code: "download missing",
        args: [new URL(hub.address).host, "/api/models/a/c/tree/main"],
      },
    });
  });

  /** What is read of a list that a server answers with. */
  async function listOf(text: string) {
    const server = createServer((_, response) => response.end(text));
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const endpoint = parseEndpoint(`http://127.0.0.1:${port}`);
      return await listFiles("a/b", { endpoint }, options);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("leaves out what cannot be checked", async () => {
    const oid = "a".repeat(40);
    const wrong: unknown[] = [
      null,
      7,
      [],
      { type: "directory", path: "folder", size: 0, oid },
      { type: "file", path: 7, size: 1, oid },
      { type: "file", path: "a", size: -1, oid },
      { type: "file", path: "a", size: 1.5, oid },
      { type: "file", path: "a", size: 2 ** 60, oid },
      { type: "file", path: "a", size: 1 },
      { type: "file", path: "a", size: 1, oid: "x" },
      { type: "file", path: "a", size: 1, oid, lfs: { oid, size: 1 } },
      { type: "file", path: "a", size: 1, oid, lfs: {} },
    ];
    const right = { type: "file", path: "b", size: 1, oid };
    const files = await listOf(JSON.stringify([...wrong, right]));
    assert.deepEqual(
      files.map(({ path }) => path),
      ["b"],
    );
  });

  for (const text of [
    "",
    "<html></html>",
    "{}",
    "null",
    "[".repeat(1e5),
    `[${"1,".repeat(3e5)}1]`,
    `["${"a".repeat(5e6)}"]`,
  ])
    it(`is refused if it is ${text.slice(0, 10)}… of ${text.length}`, async () => {
      await assert.rejects(listOf(text), { name: "DownloadError" });
    });
});

describe("the address of a file", () => {
  it("has the endpoint's path, and names as addresses write them", () => {
    const endpoint = parseEndpoint("https://mirror.example/hf");
    const checksum = { algorithm: "git", value: "" } as const;
    const file = { repository: "a/b", path: "c d/é#.pth", size: 1, checksum };
    assert.equal(
      addressOf(file, { endpoint }).href,
      "https://mirror.example/hf/a/b/resolve/main/c%20d/%C3%A9%23.pth",
    );
  });
});
