import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";

/** Unpacks the extension of a `.vsix` into `folder`, as an editor does when it installs one. */
export async function unpackExtension(
  vsix: string,
  folder: string,
): Promise<void> {
  const zip = await openPromise(vsix);
  for await (const entry of zip.eachEntry()) {
    const [, name] = /^extension\/(.*[^/])$/.exec(entry.fileName) ?? [];
    if (name === undefined) continue;
    const path = join(folder, normalize(name));
    await mkdir(dirname(path), { recursive: true });
    await pipeline(
      await zip.openReadStreamPromise(entry),
      createWriteStream(path),
    );
  }
}
