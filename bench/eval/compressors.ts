import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes of what `xz -9` makes of a file; undefined if there is no xz. */
export function xzBytes(bytes: Uint8Array): number | undefined {
  const { error, stdout } = spawnSync("xz", ["-9", "-c"], {
    input: bytes,
    maxBuffer: 2 * bytes.length + 1024,
  });
  return error ? undefined : stdout.length;
}

/** Bytes of the archive that 7-Zip makes of a file by PPMd; undefined if there is no 7-Zip. */
export function ppmdBytes(bytes: Uint8Array): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), "eval-"));
  try {
    const archive = join(folder, "archive.7z");
    const file = join(folder, "file");
    writeFileSync(file, bytes);
    for (const tool of ["7z", "7zz", "7za"]) {
      const args = ["a", "-m0=PPMd", archive, file];
      if (spawnSync(tool, args, { stdio: "ignore" }).status === 0)
        return statSync(archive).size;
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
