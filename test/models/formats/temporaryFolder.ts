import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths in a folder that goes away after the tests of the enclosing `describe`. */
export function temporaryFolder(): (name: string) => string {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "formats-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** Writes bytes and returns the path. */
export function file(path: string, bytes: Uint8Array): string {
  writeFileSync(path, bytes);
  return path;
}
