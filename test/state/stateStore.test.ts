import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FolderFileSystem } from "../../src/state/stateFolder";
import { StateStore, type StateStoreOptions } from "../../src/state/stateStore";
import { faultyFileSystem } from "../support/faultyFileSystem";
import { vectorReach } from "../../src/state/tokenVectors";
import { savedLike, someModel, stateLike } from "../support/states";

const lengths = [3, 5];
/** A header, eight values and a checksum. */
const fileBytes = 80 + 32 + 32;
const tokens = Array.from({ length: 100 }, (_, i) => i * 7);

describe("StateStore", () => {
  let parent: string;
  let folder: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "states-"));
    folder = join(parent, "states");
  });
  afterEach(() => rm(parent, { recursive: true }));

  function open(options: Partial<StateStoreOptions> = {}): Promise<StateStore> {
    const emptyState = stateLike(lengths, 0);
    const limit = 1e6;
    return StateStore.open(folder, {
      model: someModel,
      emptyState,
      limit,
      ...options,
    });
  }

  /** Saves a state of which the position says all. */
  function save(store: StateStore, position: number): Promise<boolean> {
    const state = savedLike(lengths, position);
    return store.save(position, position + 1e15, tokens, state);
  }

  function load(store: StateStore, position: number) {
    return store.load(position, position + 1e15, tokens);
  }

  async function soleFile(): Promise<string> {
    const names = await readdir(folder);
    assert.equal(names.length, 1, names.join());
    return join(folder, names[0]!);
  }

  /** Compares all that is in the folder with what was saved, as the next start finds it. */
  async function checkFolder(limit = 1e6, mayLeave = false): Promise<number[]> {
    const names = await readdir(folder);
    const states = names.filter((name) => name.endsWith(".state"));
    const store = await open();
    const positions = store.positions();
    assert.equal(positions.length, states.length);
    assert.ok(states.length * fileBytes <= limit, `${states.length} states`);
    for (const position of positions)
      assert.deepEqual(
        await load(store, position),
        savedLike(lengths, position),
      );
    // What could not be removed is left to the start that finds its process gone: one file at most.
    const others = names.filter((name) => !name.endsWith(".state"));
    assert.ok(others.length <= (mayLeave ? 1 : 0), others.join());
    return positions;
  }

  it("gives back every bit, after a restart, too", async () => {
    const bits = Uint32Array.of(
      0x80000000, // −0
      0x00000001, // the least positive number
      0x807fffff, // a denormal one
      0x7f800000, // infinity
      0xff800000,
      0x7fc00001, // NaNs
      0xffc12345,
      0x7f7fffff, // the greatest number
    );
    const values = new Float32Array(bits.buffer);
    const tensors = {
      tensor0: values.subarray(0, 3),
      tensor1: values.subarray(3),
    };
    const store = await open();
    const saved = {
      state: { tensors, bytes: 32 },
      vectors: new Uint8Array(0),
    };
    assert.ok(await store.save(2, 7, tokens, saved));
    for (const each of [store, await open()]) {
      assert.deepEqual(each.positions(), [2]);
      const { state } = (await each.load(2, 7, tokens))!;
      assert.equal(state.bytes, 32);
      const { tensor0, tensor1 } = state.tensors;
      assert.deepEqual(
        [
          ...new Uint32Array(tensor0!.buffer),
          ...new Uint32Array(tensor1!.buffer),
        ],
        [...bits],
      );
    }
  });

  it("writes the format that it says", async () => {
    await save(await open(), 3);
    const file = await readFile(await soleFile());
    const sha256 = (data: Uint8Array) =>
      createHash("sha256").update(data).digest("hex");
    assert.equal(file.length, fileBytes);
    assert.equal(file.toString("latin1", 0, 8), "RWKVstat");
    assert.equal(file.readUInt32LE(8), 1);
    assert.equal(file.readUInt32LE(12), 3);
    assert.equal(file.toString("hex", 16, 48), someModel);
    assert.equal(
      file.toString("hex", 48, 80),
      sha256(Uint8Array.of(0, 0, 0, 0, 7, 0, 0, 0, 14, 0, 0, 0)),
    );
    assert.equal(file.readFloatLE(80), 3);
    assert.equal(file.readFloatLE(80 + 4 * 3), 3.125);
    assert.equal(
      file.toString("hex", fileBytes - 32),
      sha256(file.subarray(0, -32)),
    );
  });

  it("knows what it has without reading", async () => {
    const store = await open();
    for (const position of [90, 5, 30]) await save(store, position);
    await store.save(5, 77, tokens, savedLike(lengths, 0));
    const calls: string[] = [];
    const fs = faultyFileSystem((call) => void calls.push(call));
    const later = await open({ fs });
    calls.length = 0;
    assert.deepEqual(later.positions(), [5, 30, 90]);
    assert.equal(later.find(5, 77), true);
    assert.equal(later.find(5, 78), false);
    assert.equal(later.find(30, 77), false);
    assert.equal(later.bytes, 4 * fileBytes);
    assert.equal(await later.load(6, 77, tokens), undefined);
    assert.deepEqual(calls, []);
  });

  it("reads prefixes that are hashed in several parts", async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => i % 60_000);
    const store = await open();
    await store.save(140_000, 1, many, savedLike(lengths, 1));
    const digest = createHash("sha256")
      .update(Uint32Array.from(many.slice(0, 140_000)))
      .digest("hex");
    const file = await readFile(await soleFile());
    assert.equal(file.toString("hex", 48, 80), digest);
    assert.ok(await store.load(140_000, 1, many));
    many[139_999]!++;
    assert.equal(await store.load(140_000, 1, many), undefined);
  });

  it("keeps the vectors in reach of a position", async () => {
    const many = Array.from({ length: 5000 }, (_, i) => i);
    for (const [position, length] of [
      [7, 7],
      [5000, vectorReach],
    ] as const) {
      const vectors = Uint8Array.from({ length: 2 * length }, (_, i) => i);
      const saved = { ...savedLike(lengths, 1), vectors };
      const store = await open({ vectorWidth: 2 });
      assert.ok(await store.save(position, 1, many, saved));
      const later = await open({ vectorWidth: 2 });
      assert.deepEqual(await later.load(position, 1, many), saved);
      const tooFew = { ...saved, vectors: vectors.subarray(2) };
      await assert.rejects(later.save(position, 2, many, tooFew), RangeError);
      // A store whose model makes none takes the file for a damaged one.
      const without = await open();
      assert.equal(await without.load(position, 1, many), undefined);
    }
  });

  it("is for the user alone", async function () {
    if (process.platform === "win32") this.skip();
    await save(await open(), 1);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await stat(await soleFile())).mode & 0o777, 0o600);
  });

  it("makes no folder before there is something to save", async () => {
    const store = await open();
    assert.equal(await load(store, 1), undefined);
    await store.clear();
    assert.deepEqual(await readdir(parent), []);
  });

  it("refuses misuse", async () => {
    const store = await open();
    const state = savedLike(lengths, 1);
    await assert.rejects(store.save(101, 1, tokens, state), RangeError);
    await assert.rejects(
      store.save(1, 1, tokens, savedLike([3, 4], 1)),
      RangeError,
    );
    await assert.rejects(
      store.save(1, 1, tokens, savedLike([3], 1)),
      RangeError,
    );
    await assert.rejects(open({ model: "name" }), RangeError);
    await store.save(2, 1, tokens, state);
    await assert.rejects(store.load(2, 1, [0]), RangeError);
  });

  describe("with a bad file", () => {
    /** Puts `content` in the place of a state's file. */
    async function refuses(content: Uint8Array, what: string): Promise<void> {
      const path = await soleFile();
      await writeFile(path, content);
      const store = await open();
      assert.equal(await load(store, 3), undefined, what);
      assert.equal(store.find(3, 3 + 1e15), false, what);
      assert.deepEqual(await readdir(folder), [], what);
      assert.ok(await save(store, 3), what);
      assert.ok(await load(store, 3), what);
    }

    let good: Buffer;
    beforeEach(async () => {
      await save(await open(), 3);
      good = await readFile(await soleFile());
    });

    it("refuses one of any other length", async () => {
      for (let length = 0; length < fileBytes; length++)
        await refuses(good.subarray(0, length), `${length} bytes`);
      await refuses(Buffer.concat([good, Buffer.alloc(1)]), "a byte more");
    });

    it("refuses one with any byte changed", async () => {
      for (let at = 0; at < fileBytes; at++) {
        const bad = Buffer.from(good);
        bad[at]! ^= 1 << (at % 8);
        await refuses(bad, `byte ${at}`);
      }
    });

    it("refuses another header, even with the right checksum", async () => {
      for (const [at, value] of [
        [0, 0], // magic
        [8, 2], // version
        [12, 0xffffffff], // position
        [16, 0], // model
        [48, 0], // tokens
      ] as const) {
        const bad = Buffer.from(good);
        bad.writeUInt32LE(value, at);
        const sum = createHash("sha256").update(bad.subarray(0, -32)).digest();
        sum.copy(bad, fileBytes - 32);
        await refuses(bad, `${value} at ${at}`);
      }
    });

    it("does not read one that is huge", async () => {
      await truncate(await soleFile(), 2 ** 40);
      const calls: string[] = [];
      const fs = faultyFileSystem((call) => void calls.push(call));
      assert.equal(await load(await open({ fs }), 3), undefined);
      assert.equal(calls.includes("file.stat"), true);
      assert.equal(calls.includes("file.read"), false);
      assert.deepEqual(await readdir(folder), []);
    });

    it("refuses one that has read other tokens under the same hash", async () => {
      const store = await open();
      const other = tokens.with(2, 15);
      assert.equal(await store.load(3, 3 + 1e15, other), undefined);
      assert.deepEqual(await readdir(folder), []);
    });

    it("refuses one of a model whose id starts the same", async () => {
      const model = someModel.slice(0, 63) + "0";
      assert.equal(await load(await open({ model }), 3), undefined);
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it("leaves the states of other models, and counts them", async () => {
    const limit = 3 * fileBytes;
    const model = "f".repeat(64);
    await save(await open({ limit }), 1);
    const other = await open({ model, limit });
    assert.equal(other.find(1, 1 + 1e15), false);
    assert.deepEqual(other.positions(), []);
    assert.equal(other.bytes, fileBytes);
    await save(other, 2);
    await save(other, 3);
    assert.equal((await open()).positions().length, 1);
    await save(other, 4);
    assert.deepEqual((await open()).positions(), []);
    assert.deepEqual(other.positions(), [2, 3, 4]);
  });

  it("removes the oldest, as the last session used them", async () => {
    const limit = 3 * fileBytes;
    const store = await open({ limit });
    for (const position of [1, 2, 3]) await save(store, position);
    for (const name of await readdir(folder)) {
      const age = { "1": 30, "2": 20, "3": 10 }[name.split("-")[1]!]!;
      await utimes(join(folder, name), new Date(), Date.now() / 1000 - age);
    }
    await load(await open({ limit }), 1);
    const later = await open({ limit });
    await save(later, 4);
    assert.deepEqual(later.positions(), [1, 3, 4]);
  });

  it("keeps what was used last, and never more than the limit", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5 * fileBytes }),
        fc.array(
          fc.record({
            isSave: fc.boolean(),
            position: fc.integer({ min: 1, max: 8 }),
          }),
          { maxLength: 30 },
        ),
        async (limit, uses) => {
          await rm(folder, { recursive: true, force: true });
          let time = Date.now();
          const store = await open({ limit, now: () => (time += 1000) });
          const room = Math.floor(limit / fileBytes);
          let kept: number[] = [];
          for (const { isSave, position } of uses) {
            const isThere = kept.includes(position);
            if (isSave) assert.equal(await save(store, position), room > 0);
            else
              assert.equal(
                (await load(store, position)) !== undefined,
                isThere,
              );
            if (isThere || (isSave && room > 0)) {
              kept = kept.filter((each) => each !== position);
              kept = [...kept, position].slice(-room);
            }
            assert.deepEqual(
              store.positions(),
              kept.toSorted((a, b) => a - b),
            );
            assert.equal(store.bytes, kept.length * fileBytes);
          }
          if (kept.length > 0) await checkFolder(limit);
        },
      ),
      { numRuns: 50 },
    ));

  it("says on the disk when a state was used last", async () => {
    const time = 1_700_000_000_000;
    let now = time;
    const store = await open({ now: () => now });
    await save(store, 1);
    now = time + 5_000;
    await load(store, 1);
    assert.equal((await stat(await soleFile())).mtimeMs, time + 5_000);
  });

  it("writes a state again that another process has removed", async () => {
    const store = await open();
    for (const position of [1, 2]) await save(store, position);
    for (const name of await readdir(folder)) await rm(join(folder, name));
    assert.equal(await save(store, 1), true);
    assert.deepEqual(store.positions(), [1]);
    assert.equal(store.bytes, fileBytes);
    assert.deepEqual(await checkFolder(), [1]);
  });

  it("writes no state again of which it cannot say that it is in use", async () => {
    await save(await open(), 1);
    const calls: string[] = [];
    const fs = faultyFileSystem((call) => {
      calls.push(call);
      return call === "utimes" ? "EPERM" : undefined;
    });
    const store = await open({ fs });
    assert.equal(await save(store, 1), true);
    assert.equal(store.find(1, 1 + 1e15), true);
    assert.ok(calls.includes("utimes"));
    assert.ok(!calls.includes("open"), calls.join());
  });

  it("saves nothing into a folder whose files it cannot see", async () => {
    let isHidden = false;
    const fs = faultyFileSystem((call) =>
      call === "readdir" && isHidden ? "EACCES" : undefined,
    );
    const store = await open({ fs });
    isHidden = true;
    assert.equal(await save(store, 1), false);
    await assert.rejects(store.clear(), /EACCES/);
  });

  it("shares its folder with other processes", async () => {
    const limit = 5 * fileBytes;
    const stores = await Promise.all([1, 2, 3].map(() => open({ limit })));
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        stores.flatMap((store, i) => [
          save(store, 1 + ((round * 3 + i) % 20)),
          load(store, 1 + ((round * 5 + i) % 20)),
          save(store, 1 + ((round * 7 + i) % 20)),
        ]),
      );
    }
    // Each may have written when none of the others had yet.
    await checkFolder(limit + 2 * fileBytes);
    const [one, two] = [await open(), await open()];
    await one.clear();
    assert.ok(await save(two, 50));
    assert.ok(await save(one, 51));
    assert.equal(one.find(50, 50 + 1e15), true);
    await one.clear();
    assert.ok(await save(two, 50), "a state that was removed is saved again");
    assert.deepEqual(await checkFolder(), [50]);
  });

  it("is cleared of everything, what is being saved included", async () => {
    const store = await open();
    await save(store, 1);
    await save(await open({ model: "f".repeat(64) }), 1);
    const saves = [save(store, 2), save(store, 3)];
    await store.clear();
    await Promise.all(saves);
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual(store.positions(), []);
    assert.equal(store.bytes, 0);
  });

  it("touches its own files by their exact names alone", async () => {
    const own = "0".repeat(16);
    const uuid = "01234567-89ab-4cde-8f01-23456789abcd";
    const foreign = [
      "notes.txt",
      "app.state",
      `${own}-1-ff.state.bak`,
      `x${own}-1-ff.state`,
      `${own}-1-ff.State`,
      `${own}-01-ff.state`,
      `${own}--1-ff.state`,
      `${own.slice(1)}-1-ff.state`,
      `${own}-1-ff.partial`,
      `${uuid}.partial`,
      "download.partial",
    ];
    await mkdir(folder, { recursive: true });
    for (const name of foreign) await writeFile(join(folder, name), "dear");
    const store = await open({ limit: fileBytes });
    assert.equal(store.bytes, 0);
    // The second takes the room of the first.
    for (const position of [1, 2]) assert.ok(await save(store, position));
    await store.clear();
    assert.equal(store.bytes, 0);
    assert.deepEqual((await readdir(folder)).sort(), foreign.sort());
    for (const name of foreign)
      assert.equal(await readFile(join(folder, name), "utf8"), "dear");
  });

  it("says when it could not be cleared", async () => {
    const fs = faultyFileSystem((call) =>
      call === "rm" ? "EPERM" : undefined,
    );
    const store = await open({ fs });
    await save(store, 1);
    await assert.rejects(store.clear(), /1 files/);
    assert.deepEqual(store.positions(), [1]);
  });

  describe("with a disk that fails", () => {
    const minute = 60_000;

    /** A file system whose call `n`, or that and all after it, fails, until `heal`. */
    function failing(code: string, n: number, lasts: boolean) {
      let calls = 0;
      let failed: string | undefined;
      const fs: FolderFileSystem = faultyFileSystem((call) => {
        const fails = lasts ? calls >= n : calls === n;
        calls++;
        if (!fails) return undefined;
        failed ??= call;
        return code;
      });
      return { fs, failed: () => failed, heal: () => (n = Infinity) };
    }

    /** Runs `use` with each call that it makes failing in turn, and says which those were. */
    async function everyCall(
      use: (disk: ReturnType<typeof failing>, what: string) => Promise<void>,
    ): Promise<Set<string>> {
      const seen = new Set<string>();
      for (const code of ["ENOSPC", "EROFS", "EIO", "ENOENT"])
        for (const lasts of [false, true])
          for (let n = 0; ; n++) {
            const disk = failing(code, n, lasts);
            await use(disk, `${code} at ${n}, ${lasts ? "lasting" : "once"}`);
            const failed = disk.failed();
            if (failed === undefined) break;
            seen.add(failed);
          }
      return seen;
    }

    it("leaves no bad file behind a save, and saves again later", async () => {
      const limit = fileBytes;
      const seen = await everyCall(async (disk, what) => {
        await rm(folder, { recursive: true, force: true });
        await save(await open({ limit }), 3);

        let time = Date.now();
        const store = await open({ limit, fs: disk.fs, now: () => time });
        const isSaved = await save(store, 4);
        const stored = await checkFolder(1e6, disk.failed() !== undefined);
        assert.equal(stored.includes(4), isSaved, what);
        disk.heal();
        time += minute;
        assert.ok(await save(store, 5), what);
        assert.deepEqual(await load(store, 5), savedLike(lengths, 5), what);
        assert.ok((await checkFolder()).includes(5), what);
      });
      assert.deepEqual([...seen].sort(), [
        "file.close",
        "file.sync",
        "file.writeFile",
        "mkdir",
        "open",
        "readdir",
        "rename",
        "rm",
        "stat",
      ]);
    });

    it("does not take a state for bad that cannot be read now", async () => {
      const seen = await everyCall(async (disk, what) => {
        await rm(folder, { recursive: true, force: true });
        await save(await open(), 1);
        const store = await open({ fs: disk.fs });
        const state = await load(store, 1);
        if (state === undefined)
          assert.equal(store.find(1, 1 + 1e15), false, what);
        else assert.deepEqual(state, savedLike(lengths, 1), what);
        assert.deepEqual(await checkFolder(), [1], what);
      });
      assert.deepEqual([...seen].sort(), [
        "file.close",
        "file.read",
        "file.stat",
        "open",
        "readdir",
        "stat",
        "utimes",
      ]);
    });

    it("leaves it alone for a minute", async () => {
      let time = Date.now();
      let calls = 0;
      let code: string | undefined = "ENOSPC";
      const fs = faultyFileSystem((call) => {
        calls++;
        return call === "file.writeFile" ? code : undefined;
      });
      const store = await open({ fs, now: () => time });
      assert.equal(await save(store, 1), false);
      assert.deepEqual(await readdir(folder), []);
      code = undefined;
      calls = 0;
      time += minute - 1;
      assert.equal(await save(store, 1), false);
      assert.equal(calls, 0);
      time++;
      assert.equal(await save(store, 1), true);
    });

    it("does not exceed the limit where nothing can be removed", async () => {
      const fs = faultyFileSystem((call) =>
        call === "rm" ? "EPERM" : undefined,
      );
      const store = await open({ fs, limit: fileBytes });
      assert.equal(await save(store, 1), true);
      assert.equal(await save(store, 2), false);
      assert.deepEqual(await checkFolder(), [1]);
    });

    it("removes nothing for a state that would not fit in any case", async () => {
      await save(await open(), 1);
      assert.equal(await save(await open({ limit: fileBytes - 1 }), 2), false);
      assert.deepEqual(await checkFolder(), [1]);
    });

    it("survives that the folder vanishes", async () => {
      const store = await open();
      await save(store, 1);
      await rm(folder, { recursive: true });
      assert.equal(await load(store, 1), undefined);
      assert.equal(await save(store, 2), true);
      assert.deepEqual(await checkFolder(), [2]);
    });

    it("survives that the folder is none", async () => {
      await writeFile(folder, "a file");
      const store = await open();
      assert.equal(await save(store, 1), false);
      assert.equal(await load(store, 1), undefined);
      assert.equal(await readFile(folder, "utf8"), "a file");
    });

    it("takes a folder in the place of a state for none", async () => {
      await save(await open(), 1);
      const path = await soleFile();
      await rm(path);
      await mkdir(path);
      const store = await open();
      assert.deepEqual(store.positions(), []);
      assert.equal(await load(store, 1), undefined);
    });
  });
});
