import { message } from "../../messages";
import { opening, type ByteFile } from "./byteFile";
import {
  Checkpoint,
  formatOf,
  type CheckpointWeights,
  type TensorFile,
} from "./checkpoint";
import { ggufMagic, openGguf } from "./gguf";
import { isHuggingFace, officialFromHuggingFace } from "./huggingFaceNames";
import { configBeside } from "./modelConfig";
import { isPart, joinIndexed, joinParts, type Joined } from "./parts";
import { plainNames } from "./plainNames";
import { readPth } from "./pth";
import { openRwkvCpp, rwkvCppMagic } from "./rwkvCpp";
import { readSafetensors } from "./safetensors";

export type { CheckpointWeights } from "./checkpoint";

/**
 * Opens an RWKV checkpoint. The format is recognised by the file's first bytes, not by its name:
 * PyTorch's `.pth` and `.bin`, safetensors, GGUF, or rwkv.cpp's `.bin`. PyTorch files and safetensors may
 * have official or Hugging Face names; they may be a whole checkpoint, one of several parts or the
 * index of the parts. Only the list of tensors is read; the values of a tensor are read on demand.
 *
 * @throws ModelError that names the file, the byte and the cause
 */
export function openCheckpoint(path: string): CheckpointWeights {
  return opening(path, (file) => {
    const start = startOf(file);
    switch (magicOf(start)) {
      case ggufMagic:
        return openGguf(file);
      case rwkvCppMagic:
        return openRwkvCpp(file);
    }
    if (isJson(start)) return official(joinIndexed(file, readTensors));
    if (isPart(path)) return official(joinParts(file, readTensors));
    return official({ files: [file], ...readTensors(file) });
  });
}

const zipMagic = 0x04034b50;

/** Reads a PyTorch file or safetensors: a whole checkpoint or a part. */
function readTensors(file: ByteFile): TensorFile {
  const start = startOf(file);
  if (magicOf(start) === zipMagic) return readPth(file);
  // A safetensors header is JSON, after eight bytes with its length.
  if (start.length > 8 && start[8] === 0x7b) return readSafetensors(file);
  throw unreadable(file, start);
}

/** Makes a checkpoint with official names and the `config.json` beside it. Closes the files on errors. */
function official({ files, container, metadata, tensors }: Joined): Checkpoint {
  try {
    const plain = plainNames(files[0], tensors);
    return new Checkpoint(files, {
      container,
      format: formatOf(plain),
      metadata,
      tensors: isHuggingFace(plain)
        ? officialFromHuggingFace(files[0], plain)
        : plain,
      config: configBeside(files[0].path),
    });
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

function startOf(file: ByteFile): Buffer {
  return file.read(0, Math.min(file.size, 64), message("start"));
}

function magicOf(start: Buffer): number {
  return start.length >= 4 ? start.readUInt32LE(0) : 0;
}

/** Whether a file begins as an index does. A safetensors begins with a length, whose last byte is 0. */
function isJson(start: Buffer): boolean {
  return /^\s*\{[^\0]*$/.test(start.toString("latin1"));
}

/** The error for a file of no known format; it says what the file is where that can be recognised. */
function unreadable(file: ByteFile, start: Buffer) {
  const text = start.toString("latin1");
  if (text.startsWith("version https://git-lfs")) {
    return file.refusal(message("Git LFS pointer"));
  }
  if (text.trimStart().startsWith("<"))
    return file.refusal(message("web page"));
  if (start[0] === 0x80 && start[1] === 2) {
    return file.refusal(message("old PyTorch"));
  }
  return file.error(
    0,
    message("no checkpoint"),
    message("choose a checkpoint"),
  );
}
