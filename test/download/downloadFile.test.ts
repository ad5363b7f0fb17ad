import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { DownloadError } from "../../src/download/downloadError";
import {
  downloadFile,
  type DownloadOptions,
} from "../../src/download/downloadFile";
import { parseEndpoint, type Source } from "../../src/download/endpoint";
import { listFiles, type RemoteFile } from "../../src/download/repository";
import { temporaryName } from "../../src/files/temporaryName";
import type { MessageCode } from "../../src/messages";
import { FakeHub, type Fault } from "../support/fakeHub";

const repository = "authors/models";
const name = "weights 1.pth";
const policy = { failures: 4, firstDelayMs: 1, longestDelayMs: 4 };
const never = new AbortController().signal;

describe("downloadFile", function () {
  this.timeout(60_000);
  let hub: FakeHub;
  let folder: string;
  let path: string;
  let content: Buffer;

  beforeEach(async () => {
    hub = await FakeHub.start();
    folder = mkdtempSync(join(tmpdir(), "rwkv-download-"));
    path = join(folder, "weights.pth");
    content = randomBytes(300_000);
    hub.put(repository, name, content);
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const source = (): Source => ({ endpoint: parseEndpoint(hub.address) });
  async function listed(): Promise<RemoteFile> {
    const files = await listFiles(repository, source(), {
      signal: never,
      policy,
    });
    return files.find((file) => file.path === name)!;
  }
  async function download(
    options: Partial<DownloadOptions & Source> = {},
  ): Promise<void> {
    const file = await listed();
    const { token, ...others } = options;
    await downloadFile(
      file,
      path,
      { ...source(), token },
      { signal: never, policy, ...others },
    );
  }
  /** Downloads, and tells with which code that fails. */
  async function failure(
    options: Partial<DownloadOptions> = {},
  ): Promise<MessageCode> {
    const error = await download(options).then(
      () => assert.fail("the download went well"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof DownloadError, String(error));
    assert.doesNotMatch(error.message, /\n|\{\d\}|undefined/);
    return error.data.code;
  }
  /** Faults one after the other, for requests that ask for content; then none. */
  function failing(...faults: Fault[]): void {
    hub.fault = ({ server }) => (server === "cdn" ? faults.shift() : undefined);
  }
  const always = (fault: Fault): void => {
    hub.fault = ({ server }) => (server === "cdn" ? fault : undefined);
  };
  function assertWhole(): void {
    assert.ok(readFileSync(path).equals(content));
    assert.deepEqual(readdirSync(folder), ["weights.pth"]);
  }
  const ranges = () =>
    hub.contentRequests.map(({ headers }) => headers.range ?? "all");

  it("brings a file, and tells the bytes on the way", async () => {
    const told: number[] = [];
    await download({ onBytes: (bytes) => told.push(bytes) });
    assertWhole();
    assert.equal(told.at(-1), content.length);
    assert.deepEqual(
      told,
      [...told].sort((a, b) => a - b),
    );
  });

  it("brings small files, which the service has itself", async () => {
    content = Buffer.from("1 'a' 1\n");
    hub.put(repository, name, content);
    await download();
    assertWhole();
    assert.deepEqual(hub.contentRequests, []);
  });

  it("brings an empty file", async () => {
    content = Buffer.alloc(0);
    hub.put(repository, name, content);
    await download();
    assertWhole();
  });

  it("asks for nothing when the file is there, whole", async () => {
    await download();
    hub.asked.length = 0;
    const file = await listed();
    hub.asked.length = 0;
    await downloadFile(file, path, source(), { signal: never });
    assert.deepEqual(hub.asked, []);
  });

  it("replaces another file of the same name and length", async () => {
    writeFileSync(path, Buffer.alloc(content.length));
    await download();
    assertWhole();
  });

  it("goes on where the connection broke, five times", async () => {
    const breaks = [50_000, 20_000, 70_000, 1_000, 90_000];
    failing(...breaks.map((after): Fault => ({ kind: "break", after })));
    await download({ policy: { ...policy, failures: 6 } });
    assertWhole();
    const starts = ranges().map((range) => Number(/\d+/.exec(range) ?? 0));
    assert.equal(starts.length, 6);
    assert.equal(starts[0], 0);
    // What was under way when it broke may be lost.
    assert.deepEqual(
      starts,
      [...starts].sort((a, b) => a - b),
    );
    assert.ok(starts.at(-1)! > 100_000, String(starts));
    for (const { headers } of hub.contentRequests)
      if (headers.range !== undefined)
        assert.match(String(headers["if-range"]), /^"1-/);
  });

  it("goes on in another process, by what lies beside the file", async () => {
    always({ kind: "break", after: 100_000 });
    assert.equal(
      await failure({ policy: { ...policy, failures: 1 } }),
      "download broken",
    );
    assert.equal(existsSync(path), false);
    const here = statSync(`${path}.part`).size;
    assert.ok(here > 0);
    hub.fault = () => undefined;
    hub.asked.length = 0;
    await download();
    assertWhole();
    assert.deepEqual(ranges(), [`bytes=${here}-`]);
  });

  it("starts again when the list has another content by now", async () => {
    failing({ kind: "break", after: 100_000 });
    await failure({ policy: { ...policy, failures: 1 } });
    content = randomBytes(300_000);
    hub.put(repository, name, content);
    await download();
    assertWhole();
    assert.equal(ranges().at(-1), "all");
  });

  it("starts again when the host has another version (If-Range)", async () => {
    hub.fault = ({ server }) => {
      if (server !== "cdn") return undefined;
      if (hub.contentRequests.length === 1)
        return { kind: "break", after: 100_000 };
      hub.version = "2";
      return undefined;
    };
    await download();
    assertWhole();
    assert.deepEqual(
      hub.contentRequests.map(({ headers }) => [
        /^bytes=/.test(headers.range ?? ""),
        headers["if-range"]?.slice(0, 3),
      ]),
      [
        [false, undefined],
        [true, '"1-'],
      ],
    );
  });

  it("refuses a file that was replaced since it was listed, before it is read", async () => {
    const file = await listed();
    hub.put(repository, name, randomBytes(300_000));
    await assert.rejects(
      downloadFile(file, path, source(), { signal: never, policy }),
      { data: { code: "download changed", args: [name] } },
    );
    assert.deepEqual(
      readdirSync(folder).filter((each) => each.endsWith(".pth")),
      [],
    );
  });

  for (const [fault, requests] of [
    [{ kind: "no ranges" }, 3],
    [{ kind: "wrong part", by: -7 }, 3],
    [{ kind: "wrong part", by: 7 }, 3],
    [{ kind: "gzip" }, 3],
    [{ kind: "status", status: 416 }, 3],
  ] as const)
    it(`starts again after ${JSON.stringify(fault)} in place of the missing part`, async () => {
      failing({ kind: "break", after: 100_000 }, fault);
      await download();
      assertWhole();
      assert.ok(hub.contentRequests.length <= requests);
    });

  it("reads what is compressed although it was asked for as it is", async () => {
    failing({ kind: "gzip" });
    await download();
    assertWhole();
    assert.equal(
      hub.contentRequests[0]!.headers["accept-encoding"],
      "identity",
    );
  });

  for (const status of [429, 500, 502, 503, 504, 408])
    it(`tries again after status ${status}`, async () => {
      failing({ kind: "status", status }, { kind: "status", status });
      await download();
      assertWhole();
    });

  it("waits as long as the server asks", async () => {
    const waits: number[] = [];
    failing({ kind: "status", status: 429, retryAfter: "1" });
    await download({ onWait: (ms) => waits.push(ms) });
    assertWhole();
    assert.ok(waits.length === 1 && waits[0]! >= 1000, String(waits));
  });

  it("waits until the date that the server names", async () => {
    const waits: number[] = [];
    const retryAfter = new Date(Date.now() + 500_000).toUTCString();
    failing({ kind: "status", status: 503, retryAfter });
    const cancel = new AbortController();
    const reason = new Error("cancelled");
    // Far ahead, so that it does not matter how long the requests take.
    const asked = download({
      signal: cancel.signal,
      onWait: (ms) => {
        waits.push(ms);
        cancel.abort(reason);
      },
    });
    await assert.rejects(asked, reason);
    assert.equal(waits.length, 1);
    assert.ok(waits[0]! > 100_000 && waits[0]! <= 500_000, String(waits));
  });

  it("gives up where it would have to wait for an hour", async () => {
    failing({ kind: "status", status: 429, retryAfter: "3600" });
    assert.equal(await failure(), "download busy");
  });

  it("gives up after some failures without a byte", async () => {
    always({ kind: "reset" });
    assert.equal(await failure(), "download broken");
    assert.equal(hub.contentRequests.length, policy.failures);
  });

  it("gives up a connection on which nothing comes, and goes on", async () => {
    failing({ kind: "silent", after: 100_000 }, { kind: "silent", after: 0 });
    // On a busy machine answers that are on their way are given up, too.
    await download({ idleMs: 200, policy: { ...policy, failures: 50 } });
    assertWhole();
    assert.ok(hub.contentRequests.length >= 3);
  });

  for (const fault of [
    { kind: "length", by: 5, isSaid: false },
    { kind: "length", by: 5, isSaid: true },
    { kind: "length", by: -5, isSaid: true },
    { kind: "endless" },
  ] as const)
    it(`takes no file for whole that has another length: ${JSON.stringify(fault)}`, async () => {
      always(fault);
      assert.equal(await failure(), "download length");
      assert.equal(existsSync(path), false);
    });

  it("takes a body for broken that is shorter without saying so", async () => {
    always({ kind: "length", by: -5, isSaid: false });
    // The last five bytes never come.
    assert.equal(await failure(), "download broken");
    assert.equal(existsSync(path), false);
  });

  it("keeps nothing that does not match its checksum, and then succeeds", async () => {
    failing({ kind: "corrupt", at: 1234 });
    assert.equal(await failure(), "download damaged");
    assert.deepEqual(readdirSync(folder), []);
    await download();
    assertWhole();
  });

  it("notices a byte that changed on the disk between two tries", async () => {
    failing({ kind: "break", after: 100_000 });
    await failure({ policy: { ...policy, failures: 1 } });
    const part = readFileSync(`${path}.part`);
    part[10] = part[10]! ^ 1;
    writeFileSync(`${path}.part`, part);
    assert.equal(await failure(), "download damaged");
    await download();
    assertWhole();
  });

  for (const torn of ["", "{", "null", "[]", '{"size":3}', "\u0000"])
    it(`starts again where the note beside the part is ${JSON.stringify(torn)}`, async () => {
      failing({ kind: "break", after: 100_000 });
      await failure({ policy: { ...policy, failures: 1 } });
      writeFileSync(`${path}.part.json`, torn);
      await download();
      assertWhole();
    });

  it("stops a slow drip at once when it is cancelled, and keeps what came", async () => {
    always({ kind: "drip" });
    const cancel = new AbortController();
    const reason = new Error("cancelled");
    await assert.rejects(
      download({
        signal: cancel.signal,
        onBytes: (bytes) => {
          if (bytes >= 3) cancel.abort(reason);
        },
      }),
      (thrown) => thrown === reason,
    );
    assert.deepEqual(readdirSync(folder).sort(), [
      "weights.pth.part",
      "weights.pth.part.json",
    ]);
    hub.fault = () => undefined;
    await download();
    assertWhole();
  });

  it("stops while it waits", async () => {
    failing({ kind: "status", status: 503, retryAfter: "500" });
    const cancel = new AbortController();
    await assert.rejects(
      download({
        signal: cancel.signal,
        onWait: () => setImmediate(() => cancel.abort(new Error("cancelled"))),
      }),
      /^Error: cancelled$/,
    );
  });

  it("sends a token to the endpoint and to nobody else", async () => {
    hub.token = "secret";
    const file = await downloadListedWith("secret");
    await downloadFile(
      file,
      path,
      { ...source(), token: "secret" },
      { signal: never, policy },
    );
    assertWhole();
    const [withToken, without] = [true, false].map((has) =>
      hub.asked.filter(
        ({ headers }) => (headers.authorization !== undefined) === has,
      ),
    );
    assert.ok(withToken!.every(({ server }) => server === "hub"));
    assert.ok(without!.every(({ server }) => server === "cdn"));
    assert.equal(without!.length, 1);
  });

  async function downloadListedWith(token: string): Promise<RemoteFile> {
    const files = await listFiles(
      repository,
      { ...source(), token },
      { signal: never, policy },
    );
    return files[0]!;
  }

  it("says when a token is wanted", async () => {
    hub.token = "secret";
    await assert.rejects(download(), {
      data: {
        code: "download refused",
        args: [new URL(hub.address).host, 401],
      },
      failure: { needsToken: true },
    });
  });

  it("is done by one at a time", async () => {
    const file = await listed();
    const both = await Promise.allSettled(
      [1, 2].map(() =>
        downloadFile(file, path, source(), { signal: never, policy }),
      ),
    );
    const failures = both.flatMap((result) =>
      result.status === "rejected" ? [result.reason as DownloadError] : [],
    );
    assert.deepEqual(
      failures.map(({ data }) => data.code),
      ["download running"],
    );
    assertWhole();
  });

  it("takes over from a process that has ended, and from one that says nothing", async () => {
    const gone = temporaryName().replace(`-${process.pid}-`, "-999999999-");
    writeFileSync(`${path}.lock`, gone);
    await download();
    rmSync(path);
    writeFileSync(`${path}.lock`, temporaryName());
    assert.equal(await failure(), "download running");
    const longAgo = new Date(Date.now() - 10 * 60_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    await download();
    assertWhole();
  });

  it("says so when the folder cannot be made, or something else has the file's name", async () => {
    writeFileSync(join(folder, "file"), "");
    path = join(folder, "file", "weights.pth");
    assert.equal(await failure(), "download unwritable");
    path = join(folder, "weights.pth");
    mkdirSync(`${path}.part`);
    assert.equal(await failure(), "download unwritable");
    rmdirSync(`${path}.part`);
    mkdirSync(path);
    assert.equal(await failure(), "download unwritable");
    assert.equal(existsSync(`${path}.lock`), false);
    rmdirSync(path);
    rmSync(join(folder, "file"));
    hub.asked.length = 0;
    await download();
    assertWhole();
    // What had come was kept.
    assert.deepEqual(hub.contentRequests, []);
  });

  it("says so when the disk is full, and goes on once it is not", async function () {
    if (!existsSync("/dev/full")) this.skip();
    symlinkSync("/dev/full", `${path}.part`);
    assert.equal(await failure(), "download unwritable");
    rmSync(`${path}.part`);
    await download();
    assertWhole();
  });

  it("ends with the very bytes or one clear error, whatever goes wrong", async () => {
    const size = 20_000;
    const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      ...(
        [
          fc.record({
            kind: fc.constant("status"),
            status: fc.constantFrom(400, 403, 404, 408, 416, 429, 500, 503),
          }),
          fc.record({ kind: fc.constant("reset") }),
          fc.record({
            kind: fc.constant("break"),
            after: fc.integer({ min: 0, max: size }),
          }),
          fc.record({
            kind: fc.constant("silent"),
            after: fc.integer({ min: 0, max: size }),
          }),
          fc.record({
            kind: fc.constant("corrupt"),
            at: fc.integer({ min: 0, max: size }),
          }),
          fc.record({
            kind: fc.constant("wrong part"),
            by: fc.integer({ min: -size, max: size }),
          }),
          fc.record({ kind: fc.constant("no ranges") }),
          fc.record({
            kind: fc.constant("length"),
            by: fc.integer({ min: -size, max: size }),
            isSaid: fc.boolean(),
          }),
          fc.record({ kind: fc.constant("gzip") }),
          fc.record({ kind: fc.constant("endless") }),
        ] as fc.Arbitrary<Fault>[]
      ).map((arbitrary) => ({ weight: 1, arbitrary })),
    );
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 8 }),
        fc.constantFrom("hub", "cdn", "both"),
        async (faults, where) => {
          rmSync(folder, { recursive: true });
          content = randomBytes(size);
          hub.put(repository, name, content);
          hub.fault = () => undefined;
          const file = await listed();
          hub.fault = ({ server }) =>
            where === "both" || where === server ? faults.shift() : undefined;
          const fails = await downloadFile(file, path, source(), {
            signal: never,
            policy,
            idleMs: 100,
          }).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          if (fails === undefined) {
            whole++;
            assertWhole();
          } else {
            assert.ok(fails instanceof DownloadError);
            assert.equal(existsSync(path), false);
            // Whatever was left, the next try without faults is right.
            hub.fault = () => undefined;
            await download().catch((error: unknown) => {
              assert.equal(
                (error as DownloadError).data.code,
                "download damaged",
              );
              return download();
            });
            assertWhole();
          }
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(whole > 5, `only ${whole} downloads went well`);
  });

  it("comes through one failing answer in ten", async () => {
    content = randomBytes(3_000_000);
    hub.put(repository, name, content);
    let answers = 0;
    let failed = 0;
    hub.fault = ({ server }) => {
      if (++answers % 10 === 0) {
        failed++;
        return { kind: "status", status: 503 };
      }
      return server === "cdn" ? { kind: "break", after: 100_000 } : undefined;
    };
    await download();
    assertWhole();
    assert.ok(failed >= 3, `${failed} of ${answers} answers failed`);
  });
});
