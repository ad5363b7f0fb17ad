import { opening, type ByteFile } from "./byteFile";
import type { CheckpointWeights } from "./checkpoint";
import { ggufMagic, openGguf } from "./gguf";
import { openPth } from "./pth";
import { openRwkvCpp, rwkvCppMagic } from "./rwkvCpp";
import { openSafetensors } from "./safetensors";

export type { CheckpointWeights } from "./checkpoint";

/**
 * Opens an RWKV checkpoint, whatever its name: `.pth`, `.safetensors` (official or Hugging Face
 * names), GGUF or rwkv.cpp's `.bin`. Only the file's directory is read; values are read when they
 * are asked for.
 *
 * @throws ModelError that names the file, the place and the cause
 */
export function openCheckpoint(path: string): CheckpointWeights {
  return opening(path, (file) => {
    const start = file.read(0, Math.min(file.size, 64), "the start");
    const magic = start.length >= 4 ? start.readUInt32LE(0) : 0;
    switch (magic) {
      case ggufMagic:
        return openGguf(file);
      case rwkvCppMagic:
        return openRwkvCpp(file);
      case zipMagic:
        return openPth(file);
    }
    // A safetensors header is JSON, after eight bytes with its length.
    if (start.length > 8 && start[8] === 0x7b) return openSafetensors(file);
    throw unreadable(file, start);
  });
}

const zipMagic = 0x04034b50;

function unreadable(file: ByteFile, start: Buffer) {
  const text = start.toString("latin1");
  if (text.startsWith("version https://git-lfs")) {
    return file.refusal(
      "this is a Git LFS pointer, not the file it points to; download the file itself",
    );
  }
  if (text.trimStart().startsWith("<"))
    return file.refusal("this is a web page; download the file itself");
  if (start[0] === 0x80 && start[1] === 2) {
    return file.refusal(
      "this is a PyTorch file of before version 1.6, which is not read; load it and save it again with a current PyTorch",
    );
  }
  return file.error(
    0,
    "this is no checkpoint that is known (.pth, .safetensors, GGUF, rwkv.cpp's .bin)",
  );
}
