import { freeBytes } from "../../files/diskSpace";
import { fileSize } from "../../text/bytes";
import { ModelError } from "../modelError";

/** @throws ModelError unless `bytes` can be written below `path`. */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) {
    throw new ModelError({
      code: "disk too small",
      args: [path, fileSize(bytes), fileSize(free)],
    });
  }
}
