import { detailOf } from "../messages";
import {
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { dirname } from "node:path";
import type { Checksum } from "./checksum";
import { DownloadError } from "./downloadError";

/** The record beside a partial file, by which another process can continue it. */
interface Content {
  readonly size: number;
  readonly checksum: Checksum;
  /** The version of the file that the bytes are of, by a host's ETag. */
  readonly validator?: Validator | undefined;
}

/** A strong ETag, and the host that gave it: other hosts may use the same ETag for something else. */
export interface Validator {
  readonly host: string;
  readonly etag: string;
}

/**
 * A file that is partly downloaded: `PATH.part` has its first bytes, and `PATH.part.json` records size and
 * checksum of the whole. It is renamed to `PATH` by {@link finish}.
 */
export class PartialFile {
  private constructor(
    private readonly target: string,
    private readonly handle: FileHandle,
    private record: Content,
    private length: number,
  ) {}

  /**
   * Opens an existing partial file if it has the same content, else an empty one.
   *
   * @throws DownloadError if the record cannot be written, and other errors of the file system
   */
  static async open(
    target: string,
    { size, checksum }: Content,
  ): Promise<PartialFile> {
    await mkdir(dirname(target), { recursive: true });
    const path = `${target}.part`;
    const old = await readRecord(`${path}.json`);
    const length = (await stat(path).catch(() => undefined))?.size ?? 0;
    const goesOn =
      old?.size === size &&
      old.checksum?.value === checksum.value &&
      length <= size;
    const handle = await open(path, goesOn && length > 0 ? "r+" : "w+");
    const partial = new PartialFile(
      target,
      handle,
      { size, checksum, validator: goesOn ? old.validator : undefined },
      goesOn ? length : 0,
    );
    if (!goesOn) await partial.writeRecord();
    return partial;
  }

  /** Number of bytes downloaded. */
  get offset(): number {
    return this.length;
  }

  get path(): string {
    return `${this.target}.part`;
  }

  get validator(): Validator | undefined {
    return this.record.validator;
  }

  async setValidator(validator: Validator | undefined): Promise<void> {
    if (
      validator?.etag === this.validator?.etag &&
      validator?.host === this.validator?.host
    )
      return;
    this.record = { ...this.record, validator };
    await this.writeRecord();
  }

  /** @throws DownloadError if the bytes cannot be written */
  async append(bytes: Uint8Array): Promise<void> {
    await this.writing(async () => {
      for (let done = 0; done < bytes.length;) {
        const rest = bytes.length - done;
        const position = this.length;
        const { bytesWritten } = await this.handle.write(
          bytes,
          done,
          rest,
          position,
        );
        done += bytesWritten;
        this.length += bytesWritten;
      }
    });
  }

  /** Empties the file and forgets its version. */
  async restart(): Promise<void> {
    await this.writing(() => this.handle.truncate(0));
    this.length = 0;
    await this.setValidator(undefined);
  }

  /** Renames the file to its final name. The caller must have compared its checksum. */
  async finish(): Promise<void> {
    await rename(this.path, this.target);
    await rm(`${this.path}.json`, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  /** Closes the file, after its bytes have been flushed to the disk if the system can do that. */
  async close(): Promise<void> {
    await this.handle.sync().catch(() => undefined);
    await this.handle.close();
  }

  private async writeRecord(): Promise<void> {
    const text = JSON.stringify(this.record);
    await this.writing(() => writeFile(`${this.path}.json`, text));
  }

  /** Runs `write`. @throws DownloadError in place of an error of the file system */
  private async writing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const args = [this.path, detailOf(error)];
      throw new DownloadError(
        { code: "download unwritable", args },
        {},
        { cause: error },
      );
    }
  }
}

/** Bytes on the disk of the file `target`, whole or partial; 0 if there is neither. */
export async function bytesHere(target: string): Promise<number> {
  for (const path of [target, `${target}.part`]) {
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined) return stats.size;
  }
  return 0;
}

/** A record; undefined if it is missing or malformed: its process may have ended while writing it. */
async function readRecord(path: string): Promise<Partial<Content> | undefined> {
  try {
    const record = JSON.parse(
      await readFile(path, "utf8"),
    ) as Partial<Content> | null;
    return record ?? undefined;
  } catch {
    return undefined;
  }
}
