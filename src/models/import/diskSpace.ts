import { freeBytes } from "../../files/diskSpace";
import { ModelError } from "../modelError";

/** @throws ModelError unless `bytes` can be written below `path`. */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) {
    throw new ModelError(
      `${path} needs ${megabytes(bytes)} and its disk has ${megabytes(free)} to spare; free some space or choose another folder`,
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
