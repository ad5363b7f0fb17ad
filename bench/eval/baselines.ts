import { byteNgramBits } from "./byteNgram";
import { ppmdBytes, xzBytes } from "./compressors";
import type { Figures } from "./counts";
import type { SourceFile } from "./sourceFiles";

/** The sizes of the files compressed by programs without a language model, each file by itself. */
export function compressorFigures(
  files: readonly SourceFile[],
): Record<"xz" | "ppmd" | "ngram", Figures> {
  const figures = (bitsOf: (bytes: Uint8Array) => number | undefined) => {
    let bits = 0;
    let bytes = 0;
    for (const file of files) {
      const cost = bitsOf(file.bytes);
      if (cost === undefined) return onlyBits(null);
      bits += cost;
      bytes += file.bytes.length;
    }
    return onlyBits(bits / bytes);
  };
  const inBits = (bytes: number | undefined) => bytes && 8 * bytes;
  return {
    xz: figures((bytes) => inBits(xzBytes(bytes))),
    ppmd: figures((bytes) => inBits(ppmdBytes(bytes))),
    ngram: figures(byteNgramBits),
  };
}

function onlyBits(bitsPerByte: number | null): Figures {
  return {
    bitsPerByte,
    lineBitsPerByte: null,
    lineBitsPerByteUnread: null,
    nextLineExactMatch: null,
    identifierAccuracy: null,
    keystrokesSaved: null,
  };
}
