import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { State } from "../engine/model";

/** What is saved of a document: a state, and the vectors of the tokens before it that are in reach. */
export interface SavedState {
  readonly state: State;
  /** [min(position, reach), W]; empty for a model that makes none. */
  readonly vectors: Uint8Array;
}

/*
 * One state in a file, little-endian as all systems that ONNX Runtime is built for:
 *
 *      0  "RWKVstat", u32 version, u32 position
 *     16  sha256 of the model
 *     48  sha256 of the tokens before the position, a u32 each
 *     80  the tensors in the order of the empty state, float32
 *         the vectors of the tokens before the position that are in reach
 *         sha256 of all before
 *
 * The file holds no sizes: they follow from model and position.
 */
const magic = "RWKVstat";
const version = 1;
const headerBytes = 80;
const digestBytes = 32;
/** Tokens hashed between two yields to the event loop. */
const atOnce = 65_536;

/**
 * Size in bytes of the file of a state with the tensors of `empty`.
 *
 * @param vectorBytes of its vectors
 */
export function stateFileBytes(empty: State, vectorBytes: number): number {
  return partsOf(empty, empty).reduce(
    (bytes, part) => bytes + part.byteLength,
    headerBytes + vectorBytes + digestBytes,
  );
}

/**
 * The only header that the state after the first `position` tokens can have.
 *
 * @param model sha256 of the model, in hexadecimal digits
 */
export async function stateFileHeader(
  model: string,
  position: number,
  tokens: readonly number[],
): Promise<Buffer> {
  const prefix = createHash("sha256");
  for (let start = 0; start < position; start += atOnce) {
    if (start > 0) await yieldToEventLoop();
    const end = Math.min(start + atOnce, position);
    prefix.update(Uint32Array.from(tokens.slice(start, end)));
  }
  const start = Buffer.alloc(16);
  start.write(magic, "latin1");
  start.writeUInt32LE(version, 8);
  start.writeUInt32LE(position, 12);
  return Buffer.concat([start, Buffer.from(model, "hex"), prefix.digest()]);
}

/**
 * The bytes of a state's tensors, not copied.
 *
 * @throws RangeError unless the tensors are as long as those of `empty`
 */
export function partsOf(state: State, empty: State): Uint8Array[] {
  return Object.entries(empty.tensors).map(([name, { length }]) => {
    const tensor = state.tensors[name];
    if (tensor?.length !== length)
      throw new RangeError(`${name} has not ${length} values`);
    return bytesOf(tensor);
  });
}

/** Writes a header, the bytes of the tensors, and the checksum. */
export async function writeStateFile(
  file: FileHandle,
  parts: readonly Uint8Array[],
): Promise<void> {
  const sum = createHash("sha256");
  for (const part of parts) {
    sum.update(part);
    await file.writeFile(part);
  }
  await file.writeFile(sum.digest());
}

/**
 * The state in a file.
 *
 * @returns undefined unless header, size and checksum are right
 */
export async function readStateFile(
  file: FileHandle,
  header: Buffer,
  empty: State,
  vectorBytes: number,
): Promise<SavedState | undefined> {
  const size = stateFileBytes(empty, vectorBytes);
  if ((await file.stat()).size !== size) return undefined;
  const sum = createHash("sha256");
  const found = await fill(file, Buffer.alloc(headerBytes));
  if (!header.equals(found)) return undefined;
  sum.update(found);
  const tensors: Record<string, Float32Array> = {};
  for (const [name, { length }] of Object.entries(empty.tensors)) {
    tensors[name] = new Float32Array(length);
    sum.update(await fill(file, bytesOf(tensors[name])));
  }
  const vectors = new Uint8Array(vectorBytes);
  sum.update(await fill(file, vectors));
  const claimed = await fill(file, Buffer.alloc(digestBytes));
  return sum.digest().equals(claimed)
    ? { state: { tensors, bytes: empty.bytes }, vectors }
    : undefined;
}

/** Reads the next bytes. Where the file ends early they stay zero, and the checksum will tell. */
async function fill<T extends Uint8Array>(
  file: FileHandle,
  bytes: T,
): Promise<T> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes;
}

function bytesOf(tensor: Float32Array): Uint8Array {
  return new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
}
