import { freeBytes } from "../../files/diskSpace";
import { fileSize } from "../../text/bytes";
import { ModelError } from "../modelError";

/**
 * Checks that there is room for `bytes` on the disk of `path`, which need not exist yet.
 *
 * @throws ModelError that names both sizes if there is not
 */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) {
    throw new ModelError({
      code: "disk too small",
      args: [path, fileSize(bytes), fileSize(free)],
    });
  }
}
