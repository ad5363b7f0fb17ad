import { message } from "../../messages";
import { quoted, shapeText, type ByteFile } from "./byteFile";
import type { TensorFile } from "./checkpoint";
import { bf16, fp16, fp32, fp64, type NumberType } from "./dequantise";
import { inertGlobals, mayBeClass } from "./inertObjects";
import {
  globalName,
  PickleDict,
  PickleError,
  PickleObject,
  PickleRefusal,
  PickleTuple,
  readPickle,
  type PickleFunction,
  type PickleValue,
} from "./pickle";
import { keyText, weightsIn } from "./pickledWeights";
import {
  mostTensors,
  readValues,
  refuseOverlap,
  sizeOf,
  storedTensor,
  type StoredTensor,
} from "./tensorView";
import { readMember, readZip, type ZipEntry } from "./zip";

/**
 * PyTorch checkpoints as `torch.save` writes them since 1.6 (`torch/serialization.py`,
 * `torch/_utils.py`). A file is a zip archive with a pickle, `NAME/data.pkl`, and an uncompressed member
 * `NAME/data/KEY` for each storage, little-endian. The pickle describes tensors as strided views of
 * storages, to which it refers by key. `pickle.ts` reads it without executing anything.
 */
const storageTypes: ReadonlyMap<string, NumberType> = new Map([
  ["torch.DoubleStorage", fp64],
  ["torch.FloatStorage", fp32],
  ["torch.HalfStorage", fp16],
  ["torch.BFloat16Storage", bf16],
]);

/** Types that cannot hold weights. A pickle may name them, so that the error can say which type it is. */
const otherStorageTypes = [
  "Long",
  "Int",
  "Short",
  "Char",
  "Byte",
  "Bool",
  "ComplexFloat",
  "ComplexDouble",
  "QInt8",
  "QUInt8",
].map((type) => `torch.${type}Storage`);

/** A storage without a type: the description of the tensor names the type of its values. */
const untyped = "torch.storage.UntypedStorage";

/** The largest pickle that is read, in bytes. Hundreds of layers take about a megabyte. */
const longestPickle = 16 << 20;

/** A storage that the pickle refers to: the type of its values, and the key in its member's name. */
class Storage extends PickleObject {
  readonly kind = "storage";
  constructor(
    readonly typeName: string,
    readonly key: string,
  ) {
    super();
  }
}

/** A tensor: a strided view of a storage. */
class Tensor extends PickleObject {
  readonly kind = "tensor";
  constructor(
    readonly storage: Storage,
    /** Index of the first value in the storage. */
    readonly start: number,
    readonly dims: readonly number[],
    /** In values, one per dimension. */
    readonly strides: readonly number[],
  ) {
    super();
  }
}

/** Reads the list of tensors, under the file's own names. @throws ModelError */
export function readPth(file: ByteFile): TensorFile {
  const members = readZip(file);
  refuseOverlap(file, members.values());
  const folder = folderOf(file, members);
  if (members.has(`${folder}/constants.pkl`)) {
    throw file.refusal(message("TorchScript"));
  }
  const byteOrder = members.get(`${folder}/byteorder`);
  if (byteOrder !== undefined) {
    const order = readMember(file, byteOrder, 16).toString("latin1");
    if (order !== "little")
      throw file.error(
        byteOrder.offset,
        message("byte order", quoted(order)),
        message("save little-endian"),
      );
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of stateDict(
    file,
    members.get(pickleIn(folder))!,
  )) {
    // A scalar of another type is a counter that was saved with the weights.
    if (tensor.dims.length === 0 && !storageTypes.has(tensor.storage.typeName))
      continue;
    tensors.set(name, located(file, name, tensor, members, folder));
  }
  return { container: "pth", metadata: new Map(), tensors };
}

function pickleIn(folder: string): string {
  return `${folder}/data.pkl`;
}

/** The folder of all members, whose name differs from file to file. */
function folderOf(file: ByteFile, members: Map<string, ZipEntry>): string {
  for (const name of members.keys()) {
    const [, folder] = /^([^/]+)\/data\.pkl$/.exec(name) ?? [];
    if (folder !== undefined) return folder;
  }
  throw file.refusal(message("no data.pkl"));
}

/** What the pickle may name, and the functions that stand in for the ones that `torch.save` names. */
const globals: ReadonlyMap<string, PickleFunction | undefined> = new Map<
  string,
  PickleFunction | undefined
>([
  ["collections.OrderedDict", orderedDict],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_tensor_v3", rebuildTensor],
  ["torch._utils._rebuild_parameter", rebuildParameter],
  ["torch._utils._rebuild_parameter_with_state", rebuildParameter],
  ["torch._tensor._rebuild_from_type_v2", rebuildFromType],
  // A shape: the tuple of its dimensions.
  ["torch.Size", ([dims]) => dims ?? null],
  ...[...storageTypes.keys(), ...otherStorageTypes, untyped].map(
    (name) => [name, undefined] as const,
  ),
  ...inertGlobals,
]);

/** The network's tensors in the pickle, by name. */
function stateDict(file: ByteFile, member: ZipEntry): Map<string, Tensor> {
  const bytes = readMember(file, member, longestPickle);
  // In a compressed member an opcode has no offset in the file: the member's offset stands for it.
  const offsetInFile = (offset: number) =>
    member.offset + (member.stored ? offset : 0);
  let value: PickleValue;
  try {
    value = readPickle(bytes, { globals, mayBeClass, persistent });
  } catch (error) {
    if (error instanceof PickleError)
      throw file.error(offsetInFile(error.offset), error.told, error.help);
    throw error;
  }
  const weights = weightsIn(file, value, isTensor)?.entries;
  if (weights === undefined) {
    throw file.error(
      member.offset,
      message("no dict of tensors"),
      message("choose weights"),
    );
  }
  if (weights.size > mostTensors)
    throw file.error(member.offset, message("pickle tensors", weights.size));
  if (weights.has("_strategy")) {
    throw file.refusal(message("converted for a strategy"));
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of weights) {
    // Other values that were saved with the weights are skipped.
    if (typeof name === "string" && tensor instanceof Tensor)
      tensors.set(name, tensor);
  }
  if (tensors.size === 0) {
    const [first] = weights.keys();
    throw file.error(
      member.offset,
      first === undefined
        ? message("dict empty")
        : message("dict without tensors", quoted(keyText(first))),
      message("choose weights"),
    );
  }
  return tensors;
}

function isTensor(value: PickleValue | undefined): boolean {
  return value instanceof Tensor;
}

function orderedDict(args: readonly PickleValue[]): PickleValue {
  if (args.length > 0) throw new PickleRefusal(message("ordered dict"));
  return new PickleDict();
}

/** A persistent id is the tuple ('storage', class, key, location, count). */
function persistent([id]: readonly PickleValue[]): PickleValue {
  const [kind, type, key] = id instanceof PickleTuple ? id.items : [];
  const typeName = globalName(type);
  if (kind !== "storage" || typeName === undefined || typeof key !== "string")
    throw new PickleRefusal(message("no storage"));
  return new Storage(typeName, key);
}

/** Arguments: storage, start, dimensions, strides, requires_grad, hooks; in v3 also the type. */
function rebuildTensor(args: readonly PickleValue[]): PickleValue {
  const [storage, start, dims, strides, , , type] = args;
  const [sizes, steps] = [counts(dims), counts(strides)];
  if (
    !(storage instanceof Storage) ||
    !isCount(start) ||
    sizes === undefined ||
    steps === undefined ||
    sizes.length !== steps.length
  ) {
    throw new PickleRefusal(message("tensor description"));
  }
  const typeName = globalName(type);
  const typed =
    storage.typeName === untyped && typeName !== undefined
      ? new Storage(typeName, storage.key)
      : storage;
  return new Tensor(typed, start, sizes, steps);
}

/** Arguments: tensor, requires_grad, hooks; with_state has the attributes, too. */
function rebuildParameter([tensor]: readonly PickleValue[]): PickleValue {
  if (!(tensor instanceof Tensor))
    throw new PickleRefusal(message("parameter no tensor"));
  return tensor;
}

/** Arguments: the function that rebuilds the tensor, its class, that function's arguments, attributes. */
function rebuildFromType([how, , args]: readonly PickleValue[]): PickleValue {
  const name = globalName(how);
  const rebuild = name === undefined ? undefined : globals.get(name);
  if (rebuild === undefined || !(args instanceof PickleTuple))
    throw new PickleRefusal(message("tensor rebuilt"));
  return rebuild(args.items);
}

/** A tuple of at most eight counts, as an array; undefined if it is something else. */
function counts(value: PickleValue | undefined): number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > 8)
    return undefined;
  const items = value.items;
  return items.every(isCount) ? [...items] : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Finds a tensor's values in the file. @throws ModelError if they are not there or not supported */
function located(
  file: ByteFile,
  name: string,
  { storage, start, dims, strides }: Tensor,
  members: Map<string, ZipEntry>,
  folder: string,
): StoredTensor {
  const label = message("tensor", quoted(name));
  const type = storageTypes.get(storage.typeName);
  if (type === undefined) {
    throw file.refusal(message("tensor storage type", label, storage.typeName));
  }
  const member = members.get(`${folder}/data/${storage.key}`);
  if (member === undefined) {
    throw file.refusal(message("storage missing", label, quoted(storage.key)));
  }
  if (!member.stored)
    throw file.error(
      member.offset,
      message("tensor packed", label),
      message("pack without compression"),
    );
  const room = member.bytes / type.bytes;
  const span = spanOf(dims, strides);
  if (!(start + span <= room)) {
    throw file.error(
      member.offset,
      message("tensor reaches", label, start + span, room),
    );
  }
  if (repeats(dims, strides)) {
    throw file.refusal(
      message("tensor repeats", label, shapeText(strides), shapeText(dims)),
    );
  }
  const offset = member.offset + start * type.bytes;
  const stored = storedTensor(file, name, type, dims, offset);
  if (span === sizeOf(dims) && isRowMajor(dims, strides)) return stored;
  return {
    ...stored,
    bytes: span * type.bytes,
    float32: () =>
      gather(readValues(file, label, type, offset, span), dims, strides),
  };
}

/** The number of stored values from a tensor's first to its last one, both included. */
function spanOf(dims: readonly number[], strides: readonly number[]): number {
  return dims.reduce((span, dim, i) => span + (dim - 1) * strides[i]!, 1);
}

/** Whether the values are stored in row-major order without gaps. */
function isRowMajor(
  dims: readonly number[],
  strides: readonly number[],
): boolean {
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    if (dims[i] !== 1 && strides[i] !== step) return false;
    step *= dims[i]!;
  }
  return true;
}

/** Whether two elements may share a stored value, as in an expanded tensor. */
function repeats(dims: readonly number[], strides: readonly number[]): boolean {
  const axes = dims
    .map((dim, i) => ({ dim, stride: strides[i]! }))
    .filter(({ dim }) => dim > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 1;
  for (const { dim, stride } of axes) {
    if (stride < reach) return true;
    reach += (dim - 1) * stride;
  }
  return false;
}

/**
 * Copies a strided view (a transpose, a slice) into row-major order.
 *
 * @param values stored values from the tensor's first to its last one
 */
function gather(
  values: Float32Array,
  dims: readonly number[],
  strides: readonly number[],
): Float32Array {
  const result = new Float32Array(sizeOf(dims));
  const index = dims.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
