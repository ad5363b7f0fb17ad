import { createHash } from "node:crypto";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { Postings } from "./postings";
import type { FileRecord, Project } from "./project";
import type { Tokens } from "./tokenStore";

/*
 * A project in a file; numbers are varints of 7 bits a byte, low bits first:
 *
 *     "RWKVproj", version as a byte
 *     sha256 of what the project is (folders), sha256 of the tokenizer
 *     number of names; each: length, UTF-8; in the order of their bytes
 *     number of files; each: length, record as JSON; length, postings; bytes a token (0, 2 or 4),
 *       number of tokens, tokens, little-endian
 *     sha256 of all before
 */
const magic = Buffer.from("RWKVproj\x01", "latin1");
const digestBytes = 32;
/** Bytes hashed, and milliseconds of work, between two yields to the event loop. */
const mostHashed = 1024 * 1024;
const mostMs = 8;

/** The hashes that a file must have to be read. */
export interface ProjectFileKeys {
  /** sha256 of the project's folders, in hexadecimal digits. */
  readonly project: string;
  /** sha256 of the tokenizer; if it differs, no tokens are read. */
  readonly tokenizer: string;
}

/** A project as bytes, in parts. Texts of the editor and libraries are left out. */
export async function* projectFile(
  project: Project,
  keys: ProjectFileKeys,
): AsyncGenerator<Uint8Array> {
  const sum = createHash("sha256");
  const turn = new Turn();
  const hashed = (part: Uint8Array) => {
    sum.update(part);
    return part;
  };
  yield hashed(
    Buffer.concat([
      magic,
      Buffer.from(keys.project, "hex"),
      Buffer.from(keys.tokenizer, "hex"),
    ]),
  );
  const { names } = project;
  const writer = new Writer();
  const sorted = [...names.sortedNames()];
  writer.number(sorted.length);
  const renumbered = new Map<number, number>();
  for (const [i, id] of sorted.entries()) {
    renumbered.set(id, i);
    writer.bytes(Buffer.from(names.text(id), "utf8"));
    if (writer.isFull) yield hashed(writer.take());
    await turn.next();
  }
  const records = [...project.all()].filter(
    ([, { size, isLibrary }]) => size >= 0 && !isLibrary,
  );
  writer.number(records.length);
  for (const [file, record] of records) {
    writer.bytes(Buffer.from(JSON.stringify(record), "utf8"));
    const entries: { id: number; count: number; kinds: number }[] = [];
    names.postingsOf(file)?.forEach((id, count, kinds) => {
      const known = renumbered.get(id);
      if (known !== undefined) entries.push({ id: known, count, kinds });
    });
    entries.sort((a, b) => a.id - b.id);
    writer.bytes(Postings.of(entries).packed);
    const tokens = project.tokensOf(file);
    writer.number(tokens?.BYTES_PER_ELEMENT ?? 0);
    if (tokens !== undefined) writer.bytes(bytesOf(tokens));
    if (writer.isFull) yield hashed(writer.take());
    await turn.next();
  }
  yield hashed(writer.take());
  yield sum.digest();
}

/**
 * Restores an empty project from a file.
 *
 * @returns whether the file was whole and of this project; if not, the project is left empty
 */
export async function restoreProject(
  project: Project,
  file: Uint8Array,
  keys: ProjectFileKeys,
): Promise<boolean> {
  const headerBytes = magic.length + 2 * digestBytes;
  if (file.length < headerBytes + digestBytes) return false;
  const end = file.length - digestBytes;
  const reader = new Reader(file.subarray(0, end));
  const isOurs =
    magic.equals(reader.raw(magic.length)) &&
    Buffer.from(keys.project, "hex").equals(reader.raw(digestBytes));
  if (!isOurs) return false;
  const sum = createHash("sha256");
  for (let at = 0; at < end; at += mostHashed) {
    sum.update(file.subarray(at, Math.min(end, at + mostHashed)));
    await yieldToEventLoop();
  }
  if (!sum.digest().equals(file.subarray(end))) return false;
  const sameTokenizer = Buffer.from(keys.tokenizer, "hex").equals(
    reader.raw(digestBytes),
  );
  try {
    await restoreContent(project, reader, sameTokenizer);
    return true;
  } catch {
    // The checksum is right, so another version of this program wrote the file.
    project.clear();
    return false;
  }
}

/** @throws Error if the content is malformed */
async function restoreContent(
  project: Project,
  reader: Reader,
  withTokens: boolean,
): Promise<void> {
  const turn = new Turn();
  const count = reader.number();
  for (let i = 0; i < count; i++) {
    const name = Buffer.from(reader.bytes()).toString("utf8");
    if (project.names.intern(name) !== i) throw new Error("a name comes twice");
    await turn.next();
  }
  const files = reader.number();
  for (let i = 0; i < files; i++) {
    const record = recordOf(Buffer.from(reader.bytes()).toString("utf8"));
    const postings = Postings.from(new Uint8Array(reader.bytes()), count);
    if (postings === undefined) throw new Error("malformed names of a file");
    const width = reader.number();
    const tokens = width === 0 ? undefined : tokensOf(reader.bytes(), width);
    project.restore(record, postings, withTokens ? tokens : undefined);
    await turn.next();
  }
  if (!reader.isAtEnd) throw new Error("more than was announced");
}

function recordOf(text: string): FileRecord {
  const { path, size, modified, imports, libraries, isLibrary } = JSON.parse(
    text,
  ) as Partial<Record<keyof FileRecord, unknown>>;
  if (
    typeof path !== "string" ||
    typeof size !== "number" ||
    typeof modified !== "number" ||
    typeof isLibrary !== "boolean"
  )
    throw new Error("a malformed record");
  return {
    path,
    size,
    modified,
    isLibrary,
    imports: stringsOf(imports),
    libraries: stringsOf(libraries),
  };
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((item) => typeof item === "string")
    : [];
}

function tokensOf(bytes: Uint8Array, width: number): Tokens {
  // `slice` of a Buffer would be a view of the whole file.
  const copy = new Uint8Array(bytes);
  if (copy.length % width !== 0) throw new Error("a part of a token");
  if (width === 2) return new Uint16Array(copy.buffer);
  if (width === 4) return new Uint32Array(copy.buffer);
  throw new Error(`tokens of ${width} bytes`);
}

function bytesOf(tokens: Tokens): Uint8Array {
  return new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
}

/** Yields to the event loop every few milliseconds. */
class Turn {
  private start = performance.now();

  async next(): Promise<void> {
    if (performance.now() - this.start < mostMs) return;
    await yieldToEventLoop();
    this.start = performance.now();
  }
}

class Writer {
  private parts: Uint8Array[] = [];
  private length = 0;

  get isFull(): boolean {
    return this.length >= mostHashed;
  }

  number(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128))
      bytes.push((rest % 128) | 128);
    bytes.push(rest);
    this.raw(Uint8Array.from(bytes));
  }

  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  take(): Uint8Array {
    const whole = Buffer.concat(this.parts);
    this.parts = [];
    this.length = 0;
    return whole;
  }

  private raw(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }
}

/** Reads what `Writer` wrote. @throws RangeError beyond the end */
class Reader {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at === this.data.length;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 42; factor *= 128) {
      const [byte = 0] = this.raw(1);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError("a number is too long");
  }

  bytes(): Uint8Array {
    return this.raw(this.number());
  }

  raw(length: number): Uint8Array {
    if (length > this.data.length - this.at)
      throw new RangeError("the data ends early");
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }
}
