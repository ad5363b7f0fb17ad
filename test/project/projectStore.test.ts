import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import * as nodeFileSystem from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Project } from "../../src/project/project";
import {
  ProjectStore,
  type ProjectStoreOptions,
} from "../../src/project/projectStore";
import { namesOf, put } from "./projectFolder";

describe("project store", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "project-store-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function store(options: Partial<ProjectStoreOptions> = {}): ProjectStore {
    return new ProjectStore(folder, {
      roots: ["/w"],
      tokenizer: "one",
      mostBytes: 10_000_000,
      ...options,
    });
  }

  function empty(): Project {
    return new Project({ budget: 1_000_000 });
  }

  function filled(): Project {
    const one = empty();
    put(one, "/w/b.ts", "zeta alpha alpha", { imports: ["./a"] });
    put(one, "/w/a.ts", "alpha élan x.zeta");
    put(one, "/w/open.ts", "unsaved", { size: -1 });
    put(one, "library:/l.d.ts", "library", { isLibrary: true });
    return one;
  }

  function file(): string {
    const [name] = readdirSync(folder);
    return join(folder, name!);
  }

  it("gives back what was saved, but for texts of the editor and libraries", async () => {
    const saved = filled();
    await store().save(saved);
    const loaded = empty();
    assert.equal(await store().load(loaded), true);
    assert.deepEqual(namesOf(loaded), ["alpha", "zeta", "élan"]);
    for (const path of ["/w/a.ts", "/w/b.ts"]) {
      const before = saved.idOf(path)!;
      const after = loaded.idOf(path)!;
      assert.deepEqual(loaded.record(after), saved.record(before));
      assert.deepEqual(loaded.tokensOf(after), saved.tokensOf(before));
    }
    const id = loaded.names.find("zeta");
    assert.deepEqual(loaded.names.statistics(id), { count: 2, files: 2 });
    for (const isMember of [true, false])
      assert.deepEqual(loaded.names.withPrefix("zeta", 1, isMember), [id]);
    assert.equal(loaded.idOf("/w/open.ts"), undefined);
  });

  it("does not give tokens of another tokenizer, nor another project", async () => {
    await store().save(filled());
    const loaded = empty();
    assert.equal(await store({ tokenizer: "two" }).load(loaded), true);
    assert.deepEqual(namesOf(loaded), ["alpha", "zeta", "élan"]);
    assert.equal(loaded.figures.sources, 0);
    const other = empty();
    assert.equal(await store({ roots: ["/v"] }).load(other), false);
    assert.equal(other.figures.files, 0);
    // The other project's file is not this one's to remove.
    assert.equal(readdirSync(folder).length, 1);
  });

  it("refuses and removes what is damaged, wherever it is", async () => {
    await store().save(filled());
    const whole = readFileSync(file());
    const path = file();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, cut) => {
          const bytes = cut ? whole.subarray(0, at) : Buffer.from(whole);
          if (!cut) bytes[at]! ^= by;
          writeFileSync(path, bytes);
          const loaded = empty();
          assert.equal(await store().load(loaded), false);
          assert.equal(loaded.figures.files, 0);
          assert.deepEqual(readdirSync(folder), []);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does not read a file that is too large, or no file", async () => {
    await store().save(filled());
    assert.equal(await store({ mostBytes: 100 }).load(empty()), false);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(await store().load(empty()), false);
  });

  it("leaves what was there when writing fails, and nothing else", async () => {
    await store().save(filled());
    const before = readFileSync(file());
    const failing: ProjectStoreOptions["fs"] = {
      ...nodeFileSystem,
      rename: () => Promise.reject(new Error("no space left")),
    };
    const more = filled();
    put(more, "/w/c.ts", "more");
    await assert.rejects(store({ fs: failing }).save(more), /no space left/);
    assert.deepEqual(readFileSync(file()), before);
    assert.equal(readdirSync(folder).length, 1);
  });

  it("writes each time under a new name, which only the user can read", async function () {
    if (process.platform === "win32") this.skip();
    const names: string[] = [];
    const noting: ProjectStoreOptions["fs"] = {
      ...nodeFileSystem,
      open: (path, ...rest) => {
        names.push(String(path));
        return nodeFileSystem.open(path, ...rest);
      },
    };
    await store({ fs: noting }).save(filled());
    await store({ fs: noting }).save(filled());
    assert.equal(new Set(names).size, 2);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it("clears its own files alone", async () => {
    await store().save(filled());
    const partial = "project-0b5d2b1c-1111-4222-8333-444455556666.partial";
    const foreign = [
      "project-x.index",
      "my-project-0123456789abcdef.index",
      "a.state",
      "project.partial",
    ];
    for (const name of [partial, ...foreign])
      writeFileSync(join(folder, name), "x");
    await ProjectStore.clear(folder);
    assert.deepEqual(readdirSync(folder).sort(), foreign.sort());
    await ProjectStore.clear(join(folder, "not there"));
  });

  it("removes what a killed process has left, not what another one is writing", async () => {
    const old = "project-0b5d2b1c-1111-4222-8333-444455556666.partial";
    const young = "project-1b5d2b1c-1111-4222-8333-444455556666.partial";
    for (const name of [old, young]) writeFileSync(join(folder, name), "x");
    utimesSync(join(folder, old), 0, 0);
    await store().save(filled());
    const names = readdirSync(folder);
    assert.equal(names.includes(old), false);
    assert.equal(names.includes(young), true);
  });

  it("does not write through a link that lies in its place", async function () {
    if (process.platform === "win32") this.skip();
    await store().save(filled());
    const path = file();
    rmSync(path);
    const target = join(folder, "precious");
    writeFileSync(target, "mine");
    symlinkSync(target, path);
    assert.equal(await store().load(empty()), false);
    await store().save(filled());
    assert.equal(readFileSync(target, "utf8"), "mine");
  });
});
