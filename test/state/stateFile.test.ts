import assert from "node:assert/strict";
import type { FileHandle } from "node:fs/promises";
import {
  partsOf,
  readStateFile,
  stateFileBytes,
  stateFileHeader,
  writeStateFile,
} from "../../src/state/stateFile";
import { savedLike, someModel, stateLike } from "../support/states";

const empty = stateLike([3, 5], 0);

/** A file in memory that gives at most some bytes at a time, and says that it has `size`. */
class SlowFile {
  private position = 0;
  constructor(
    private readonly content: Buffer,
    private readonly atOnce: number,
    private readonly size = content.length,
  ) {}

  stat() {
    return Promise.resolve({ size: this.size });
  }

  read(bytes: Uint8Array, offset: number, length: number) {
    assert.ok(
      offset + length <= bytes.length,
      "no more than there is room for",
    );
    const part = this.content.subarray(
      this.position,
      this.position + Math.min(length, this.atOnce),
    );
    bytes.set(part, offset);
    this.position += part.length;
    return Promise.resolve({ bytesRead: part.length });
  }
}

async function fileOf(header: Buffer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const file = {
    writeFile: (part: Uint8Array) =>
      Promise.resolve(void parts.push(Uint8Array.from(part))),
  };
  const tensors = partsOf(stateLike([3, 5], 7), empty);
  await writeStateFile(file as unknown as FileHandle, [header, ...tensors]);
  return Buffer.concat(parts);
}

describe("a state's file", () => {
  let header: Buffer;
  let content: Buffer;
  before(async () => {
    header = await stateFileHeader(someModel, 3, [1, 2, 3, 4]);
    content = await fileOf(header);
  });
  const read = (file: SlowFile) =>
    readStateFile(file as unknown as FileHandle, header, empty, 0);

  it("has the size that is told before", () => {
    assert.equal(content.length, stateFileBytes(empty, 0));
  });

  it("is read though the disk gives a few bytes at a time", async () => {
    for (const atOnce of [1, 7, 1_000])
      assert.deepEqual(
        await read(new SlowFile(content, atOnce)),
        savedLike([3, 5], 7),
      );
  });

  it("is none where it ends earlier than its size said", async () => {
    for (const length of [0, 50, 80, 100, content.length - 1]) {
      const file = new SlowFile(
        content.subarray(0, length),
        16,
        content.length,
      );
      assert.equal(await read(file), undefined, `${length} bytes`);
    }
  });

  it("lets other work have its turn while many tokens are hashed", async () => {
    const order: string[] = [];
    const hashed = stateFileHeader(
      someModel,
      200_000,
      new Array<number>(200_000).fill(1),
    ).then(() => order.push("hashed"));
    setImmediate(() => order.push("other work"));
    await hashed;
    assert.deepEqual(order, ["other work", "hashed"]);
  });
});
