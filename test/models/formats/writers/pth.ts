import { writeFileSync } from "node:fs";
import {
  encodeFp32,
  type Encoder,
} from "../../../../src/models/formats/encode";
import type { NamedWeights } from "../../../../src/models/formats/writeSafetensors";
import { Pickler } from "./pickler";
import { zip, type Member } from "./zip";

const storageTypes: Readonly<Record<string, string>> = {
  FP64: "DoubleStorage",
  FP32: "FloatStorage",
  FP16: "HalfStorage",
  BF16: "BFloat16Storage",
};

/** Writes what `torch.save(state_dict)` writes; `torch.load` reads it. */
export function writePth(
  path: string,
  weights: NamedWeights,
  encoder: Encoder = encodeFp32,
  zip64 = false,
): void {
  writeFileSync(path, zip(pthMembers(weights, encoder), zip64));
}

/** Writes a pickle; `weights` writes the weights into it, or other ones. */
export type Wrap = (
  pickler: Pickler,
  weights: (other?: NamedWeights) => void,
) => void;

/**
 * @param wrap writes what is saved around or beside the weights, which its argument writes
 */
export function pthMembers(
  weights: NamedWeights,
  encoder: Encoder = encodeFp32,
  wrap: Wrap = (_, weights) => weights(),
): Member[] {
  const pickler = new Pickler();
  const storages: Member[] = [];
  wrap(pickler, (other = weights) =>
    pickWeights(pickler, storages, other, encoder),
  );
  return [
    { name: "archive/data.pkl", bytes: pickler.finish() },
    { name: "archive/byteorder", bytes: Buffer.from("little") },
    ...storages,
    { name: "archive/version", bytes: Buffer.from("3\n") },
  ];
}

/** An OrderedDict of tensors; their storages are appended to `storages`. */
function pickWeights(
  pickler: Pickler,
  storages: Member[],
  weights: NamedWeights,
  encoder: Encoder,
): void {
  pickler.orderedDict().raw("(");
  const first = storages.length;
  weights.names().forEach((name, index) => {
    const key = first + index;
    const dims = weights.dims(name);
    const values = weights.float32(name);
    pickler.text(name);
    pickTensor(pickler, {
      storage: storageTypes[encoder.type.name]!,
      key: String(key),
      count: values.length,
      start: 0,
      dims,
      strides: rowMajor(dims),
    });
    storages.push({
      name: `archive/data/${key}`,
      bytes: encoder.encode(values),
    });
  });
  pickler.raw("u");
}

export interface PickledTensor {
  storage: string;
  key: string;
  count: number;
  start: number;
  dims: readonly number[];
  strides: readonly number[];
}

/** The pickle of a dict of these entries, each written by a function. */
export function pickDict(
  pickler: Pickler,
  entries: Readonly<Record<string, () => void>>,
): void {
  pickler.raw("}(");
  for (const [name, write] of Object.entries(entries)) {
    pickler.text(name);
    write();
  }
  pickler.raw("u");
}

/** torch._utils._rebuild_tensor_v2(storage, start, dims, strides, False, OrderedDict()) */
export function pickTensor(pickler: Pickler, tensor: PickledTensor): void {
  pickler.global("torch._utils", "_rebuild_tensor_v2");
  pickler.tuple(() => {
    pickler.tuple(() =>
      pickler
        .text("storage")
        .global("torch", tensor.storage)
        .text(tensor.key)
        .text("cpu")
        .int(tensor.count),
    );
    pickler.raw("Q").int(tensor.start).ints(tensor.dims).ints(tensor.strides);
    pickler.raw(0x89).orderedDict();
  });
  pickler.raw("R");
}

export function rowMajor(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--)
    strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}
