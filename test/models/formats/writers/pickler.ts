/** Writes pickle opcodes, protocol 2; a test puts together what it wants. */
export class Pickler {
  private readonly parts: Buffer[] = [Buffer.from([0x80, 2])];

  raw(...bytes: (number | string | Uint8Array)[]): this {
    for (const part of bytes) {
      this.parts.push(
        typeof part === "number"
          ? Buffer.from([part])
          : typeof part === "string"
            ? Buffer.from(part, "latin1")
            : Buffer.from(part),
      );
    }
    return this;
  }

  global(module: string, name: string): this {
    return this.raw(`c${module}\n${name}\n`);
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    return this.raw("X", word(bytes.length), bytes);
  }

  int(value: number): this {
    if (value < 2 ** 31) return this.raw("J", word(value));
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return this.raw(0x8a, 8, bytes);
  }

  /** A tuple of what `items` writes. */
  tuple(items: () => void): this {
    this.raw("(");
    items();
    return this.raw("t");
  }

  ints(values: readonly number[]): this {
    return this.tuple(() => values.forEach((value) => this.int(value)));
  }

  orderedDict(): this {
    return this.global("collections", "OrderedDict").raw(")R");
  }

  finish(): Buffer {
    return Buffer.concat([...this.parts, Buffer.from(".")]);
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
