import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import {
  restorePackage,
  writePackageFolder,
} from "../../../src/models/package/packageFolder";

const manifest = {
  format: 2,
  architecture: "rwkv7",
  tokenizer: { kind: "bytes" },
  files: { "weights.bin": {}, "model.onnx": {} },
};

/** The files of a package whose name stands in each of them. */
function write(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify({ name, ...manifest }),
  );
  for (const file of Object.keys(manifest.files))
    writeFileSync(join(folder, file), name);
}

/** The name of the package in a folder. @throws AssertionError unless it is whole */
function nameOf(folder: string): string {
  const { name } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  ) as { name: string };
  for (const file of Object.keys(manifest.files))
    assert.equal(readFileSync(join(folder, file), "utf8"), name);
  assert.equal(readdirSync(folder).length, 3);
  return name;
}

/** All that is below a folder, with its contents. */
function everything(folder: string): unknown[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return [entry.name, everything(path)];
    return entry.isFile()
      ? [entry.name, readFileSync(path, "utf8")]
      : entry.name;
  });
}

describe("a package's folder", () => {
  let root: string;
  let out: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "rwkv-folder-"));
    out = join(root, "model");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const put = (name: string) =>
    writePackageFolder(out, ({ path }) => Promise.resolve(write(path, name)));

  it("is made, and replaced by the next", async () => {
    for (const name of ["first", "second"]) {
      await put(name);
      assert.equal(nameOf(out), name);
      assert.deepEqual(readdirSync(root), ["model"]);
    }
    // One that is damaged or of an earlier version is a package all the same.
    rmSync(join(out, "weights.bin"));
    writeFileSync(
      join(out, "manifest.json"),
      JSON.stringify({ ...manifest, format: 1 }),
    );
    await put("third");
    assert.equal(nameOf(out), "third");
  });

  it("takes the place of an empty folder", async () => {
    mkdirSync(out);
    await put("first");
    assert.equal(nameOf(out), "first");
    assert.deepEqual(readdirSync(root), ["model"]);
  });

  const foreign: [string, () => void][] = [
    ["a file", () => writeFileSync(out, "dear")],
    ["other files", () => write2("thesis.txt")],
    [
      "another program's manifest",
      () => {
        mkdirSync(out);
        const manifest = { manifest_version: 3, name: "x", files: {} };
        writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));
      },
    ],
    [
      "a manifest that lists other places",
      () => {
        write(out, "old");
        const files = {
          "../thesis.txt": {},
          "weights.bin": {},
          "model.onnx": {},
        };
        writeFileSync(
          join(out, "manifest.json"),
          JSON.stringify({ ...manifest, files }),
        );
      },
    ],
    [
      "a package and a file",
      () => {
        write(out, "old");
        writeFileSync(join(out, "notes.txt"), "dear");
      },
    ],
    [
      "a package and a folder",
      () => {
        write(out, "old");
        mkdirSync(join(out, "notes"));
      },
    ],
    [
      "a folder under the name of a package's file",
      () => {
        write(out, "old");
        rmSync(join(out, "weights.bin"));
        mkdirSync(join(out, "weights.bin"));
        writeFileSync(join(out, "weights.bin", "notes.txt"), "dear");
      },
    ],
    [
      "a link to a package",
      () => {
        write(join(root, "elsewhere"), "old");
        symlinkSync(join(root, "elsewhere"), out, "junction");
      },
    ],
  ];
  function write2(name: string): void {
    mkdirSync(out);
    writeFileSync(join(out, name), "dear");
  }
  for (const [what, prepare] of foreign) {
    it(`is not ${what}: that is refused in a sentence and untouched`, async () => {
      prepare();
      const before = everything(root);
      await assert.rejects(put("new"), (error: Error) => {
        assert.equal(error.name, "ModelError");
        assert.match(
          error.message,
          /; choose a folder that does not exist yet$/,
        );
        return true;
      });
      assert.deepEqual(everything(root), before);
    });

    it(`is not ${what}, if that gets there while the package is written`, async () => {
      let before: unknown[] = [];
      const run = writePackageFolder(out, ({ path }) => {
        write(path, "new");
        prepare();
        const partial = path.slice(root.length + 1);
        before = everything(root).filter(
          (each) => !Array.isArray(each) || each[0] !== partial,
        );
        return Promise.resolve();
      });
      await assert.rejects(run, /choose a folder/);
      assert.deepEqual(everything(root), before);
    });
  }

  it("leaves its neighbours alone, whatever they are called", async () => {
    const host = createHash("sha256").update(hostname()).digest("hex");
    const random = "0123456789ab";
    // The last two are of a process that lives, and of another machine.
    const neighbours = [
      "model.partial",
      "model.old",
      "model.2.partial",
      `model.${host.slice(0, 8)}-${process.pid}-${random}.partial`,
      `model.00000000-${process.pid}-${random}.old`,
    ];
    for (const name of neighbours) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "thesis.txt"), "dear");
    }
    const before = everything(root);
    const failing = writePackageFolder(out, () =>
      Promise.reject(new Error("full")),
    );
    await assert.rejects(failing, /full/);
    assert.deepEqual(everything(root), before);
    await put("first");
    await put("second");
    assert.equal(nameOf(out), "second");
    rmSync(out, { recursive: true });
    assert.deepEqual(everything(root), before);
  });

  it("is rid of what killed writers have left, and whole again", async () => {
    const host = createHash("sha256").update(hostname()).digest("hex");
    // No process has this number.
    const dead = (name: string, kind: string) =>
      `${name}.${host.slice(0, 8)}-${2 ** 30}-0123456789ab.${kind}`;
    write(join(root, dead("model", "old")), "old");
    write(join(root, dead("model", "partial")), "half");
    write(join(root, dead("other", "partial")), "half");
    assert.equal(restorePackage(out), true);
    assert.equal(nameOf(out), "old");
    assert.equal(restorePackage(out), false);

    // Moved aside, replaced, and not removed any more.
    cpSync(out, join(root, dead("model", "old")), { recursive: true });
    await put("new");
    assert.equal(nameOf(out), "new");
    assert.deepEqual(readdirSync(root).sort(), [
      "model",
      dead("other", "partial"),
    ]);
  });

  it("is one of them, whole, when several write at a time", async () => {
    const writer = fc.record({
      pauses: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(writer, { minLength: 2, maxLength: 4 }),
        async (isThere, writers) => {
          if (isThere) write(out, "old");
          const results = await Promise.allSettled(
            writers.map(({ pauses, fails }, index) =>
              writePackageFolder(out, async ({ path }) => {
                for (const pause of pauses) await sleep(pause);
                write(path, String(index));
                if (fails) throw new Error("full");
              }),
            ),
          );
          results.forEach(({ status }, index) =>
            assert.equal(status === "rejected", writers[index]!.fails),
          );
          const written = writers.flatMap(({ fails }, i) =>
            fails ? [] : [String(i)],
          );
          if (written.length > 0) assert.ok(written.includes(nameOf(out)));
          else if (isThere) assert.equal(nameOf(out), "old");
          else assert.equal(existsSync(out), false);
          if (existsSync(out)) rmSync(out, { recursive: true });
          assert.deepEqual(readdirSync(root), []);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps the old package where the new one cannot be put", async () => {
    write(out, "old");
    const run = writePackageFolder(out, ({ path }) => {
      // Somebody has tidied up.
      renameSync(path, join(root, "moved"));
      return Promise.resolve();
    });
    await assert.rejects(run, /ENOENT|cannot be written/);
    assert.equal(nameOf(out), "old");
  });
});
