import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLargeFile, readRegularFile } from "../../src/files/regularFile";

describe("a regular file", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "rwkv-file-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is read whole, through a link, too, up to the bytes that it may have", async () => {
    const path = join(folder, "a");
    const link = join(folder, "b");
    writeFileSync(path, "four");
    if (process.platform !== "win32") symlinkSync(path, link);
    for (const each of process.platform === "win32" ? [path] : [path, link]) {
      assert.equal(readRegularFile(each, 4).toString(), "four");
      assert.equal((await readLargeFile(each, 4)).toString(), "four");
      assert.throws(() => readRegularFile(each, 3), /4 bytes, more than the 3/);
      await assert.rejects(readLargeFile(each, 3), /4 bytes, more than the 3/);
    }
  });

  it("is no pipe, device or folder: those are refused without waiting, and nothing stays open", function () {
    if (process.platform === "win32") this.skip();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const open = () =>
      process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
    const before = open();
    for (const path of [pipe, "/dev/zero", folder])
      assert.throws(() => readRegularFile(path, 1e6), /it is no regular file/);
    assert.throws(() => readRegularFile(join(folder, "none"), 9), /ENOENT/);
    assert.equal(open(), before);
  });
});
