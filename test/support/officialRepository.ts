import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryWeights } from "../models/formats/writers/memoryWeights";
import { writePth } from "../models/formats/writers/pth";
import { randomModel, smallSize } from "../models/formats/writers/randomModel";
import { smallWorldVocabulary } from "../tokenizer/support/smallVocabularies";
import type { FakeHub } from "./fakeHub";

export const officialRepository = "BlinkDL/rwkv7-g1";

/** An RWKV-7 of random weights as a `.pth` with official names. */
export function tinyCheckpoint(seed = 1): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "rwkv-official-"));
  try {
    const path = join(folder, "tiny.pth");
    const size = { ...smallSize, vocabulary: 300 };
    writePth(path, new MemoryWeights(randomModel("7", size, seed)));
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Puts what the authors' repository has, in small: checkpoints, and the vocabulary if it is wanted. */
export function publish(
  hub: FakeHub,
  names: readonly string[],
  { vocabularyIn = officialRepository } = {},
): void {
  hub.put(officialRepository, "README.md", Buffer.from("---\n---\n"));
  names.forEach((name, i) =>
    hub.put(officialRepository, name, tinyCheckpoint(i + 1)),
  );
  hub.put(
    vocabularyIn,
    "rwkv_vocab_v20230424.txt",
    Buffer.from(smallWorldVocabulary()),
  );
}
