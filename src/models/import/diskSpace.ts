import { freeBytes } from "../../files/diskSpace";
import { fileSize } from "../../text/bytes";
import { ModelError } from "../modelError";

/** @throws ModelError unless `bytes` can be written below `path`. */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) {
    throw new ModelError(
      `${path} needs ${fileSize(bytes)} and its disk has ${fileSize(free)} to spare; free some space or choose another folder`,
    );
  }
}
