import { ModelError } from "../modelError";
import { message, ToldError } from "../../messages";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseBoundedJson } from "../../files/boundedJson";
import { opening, quoted, type ByteFile } from "./byteFile";
import type { TensorFile } from "./checkpoint";
import type { StoredTensor } from "./tensorView";

/**
 * Checkpoints in several files, as Hugging Face's libraries write them: parts with names such as
 * `model-00001-of-00003.safetensors`, and an index, `model.safetensors.index.json`, whose `weight_map`
 * has the name of the part for each tensor. The user may choose the index or any part.
 */
const partName = /^(.*-)(\d{5})-of-(\d{5})(\.[A-Za-z]+)$/;

/** The largest published models have about two hundred parts. */
const mostParts = 1000;
/** The largest index that is read, in bytes. It has a line for each tensor. */
const longestIndex = 8 << 20;
/** Limits of an index. It has one value, the name of a part, for each tensor. */
const indexBounds = { depth: 8, values: 1 << 20 };

/** Whether a file's name says that it is one of several parts. */
export function isPart(path: string): boolean {
  const [, , , count] = partName.exec(basename(path)) ?? [];
  return Number(count ?? 1) > 1;
}

/** A whole checkpoint: the tensors of all its files. */
export interface Joined extends TensorFile {
  /** The first is the file that the user named. The caller closes all of them. */
  files: readonly [ByteFile, ...ByteFile[]];
}

/**
 * Opens all parts of a checkpoint.
 *
 * @param file one of the parts
 * @param read reads the list of tensors of a part
 * @throws ModelError that names missing parts, or a tensor that two parts have
 */
export function joinParts(
  file: ByteFile,
  read: (part: ByteFile) => TensorFile,
): Joined {
  const [, start, , of, end] = partName.exec(basename(file.path))!;
  const count = Number(of);
  const names = Array.from(
    { length: Math.min(count, mostParts) },
    (_, i) => `${start}${String(i + 1).padStart(5, "0")}-of-${of}${end}`,
  );
  if (count > mostParts) throw file.refusal(message("absurd parts", count));
  return joined(file, names, read);
}

/**
 * Opens all parts that an index names.
 *
 * @param read reads the list of tensors of a part
 * @throws ModelError that names missing parts, or a tensor that is not in the part which the index names
 */
export function joinIndexed(
  index: ByteFile,
  read: (part: ByteFile) => TensorFile,
): Joined {
  const places = readIndex(index);
  const all = joined(index, [...new Set(places.values())].sort(), read);
  for (const [name, part] of places) {
    const tensor = all.tensors.get(name);
    if (tensor === undefined || all.partOf.get(name) !== part) {
      closeOthers(all.files);
      throw index.refusal(message("not in part", quoted(name), quoted(part)));
    }
  }
  return all;
}

/** Reads an index: the name of the part for each tensor. @throws ModelError if it is malformed */
function readIndex(index: ByteFile): Map<string, string> {
  if (index.size > longestIndex)
    throw index.error(0, message("absurd index", index.size));
  let json: unknown;
  try {
    const text = index.read(0, index.size, message("index")).toString("utf8");
    json = parseBoundedJson(text, indexBounds, message("index"));
  } catch (error) {
    if (error instanceof ModelError || !(error instanceof ToldError))
      throw error;
    throw index.error(0, error.told);
  }
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null) {
    throw index.refusal(message("no weights"));
  }
  const places = new Map<string, string>();
  for (const [name, part] of Object.entries(map)) {
    // Only names without a path, so that an index cannot refer to files outside its folder.
    if (typeof part !== "string" || !/^[^/\\:\0]+$/.test(part) || part === "..")
      throw index.error(0, message("no part's name", quoted(String(part))));
    places.set(name, part);
  }
  if (places.size === 0) throw index.error(0, message("no part named"));
  return places;
}

function joined(
  file: ByteFile,
  names: readonly string[],
  read: (part: ByteFile) => TensorFile,
): Joined & { partOf: Map<string, string> } {
  const folder = dirname(file.path);
  refuseMissing(file, folder, names);
  const files: [ByteFile, ...ByteFile[]] = [file];
  const tensors = new Map<string, StoredTensor>();
  const partOf = new Map<string, string>();
  let last: TensorFile | undefined;
  try {
    for (const name of names) {
      const take = (part: ByteFile) => {
        if (part !== file) files.push(part);
        last = read(part);
        for (const [tensor, view] of last.tensors) {
          if (tensors.has(tensor)) {
            throw part.refusal(
              message(
                "in two parts",
                quoted(tensor),
                quoted(partOf.get(tensor)!),
              ),
            );
          }
          tensors.set(tensor, view);
          partOf.set(tensor, name);
        }
      };
      if (name === basename(file.path)) take(file);
      else opening(join(folder, name), take);
    }
  } catch (error) {
    closeOthers(files);
    throw error;
  }
  const { container, metadata } = last!;
  return { files, container, metadata, tensors, partOf };
}

function refuseMissing(
  file: ByteFile,
  folder: string,
  names: readonly string[],
): void {
  const present = new Set(readdirSync(folder));
  const missing = names.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 3).join(", ");
  const more = missing.length - 3;
  throw file.refusal(
    message(
      "parts missing",
      names.length,
      more > 0 ? message("and more", shown, more) : shown,
    ),
  );
}

/** Closes all files but the first, which the caller closes when an error is thrown (`opening`). */
function closeOthers(files: readonly ByteFile[]): void {
  for (const file of files.slice(1)) file.close();
}
