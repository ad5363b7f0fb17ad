/**
 * Where the authors of RWKV publish checkpoints that can be imported. What is there today is asked
 * when somebody wants it (`official.ts`): names have dates, and newer ones replace older ones.
 */
export interface Repository {
  /** `OWNER/NAME` on Hugging Face. */
  readonly name: string;
  /** SPDX identifier; all of a repository has the same. */
  readonly license: string;
  /** What the name of a checkpoint says: its series, size (0.1B) and date (20250307). */
  readonly pattern: RegExp;
}

/** Those whose series the authors advise first. */
export const repositories: readonly Repository[] = [
  {
    name: "BlinkDL/rwkv7-g1",
    license: "Apache-2.0",
    pattern:
      /^(?<series>rwkv7a?-g\d+[a-z]?\d*)-(?<size>\d+(?:\.\d+)?b)-(?<date>20\d{6})-ctx\d+\.pth$/i,
  },
  {
    name: "BlinkDL/rwkv-7-world",
    license: "Apache-2.0",
    pattern:
      /^(?<series>RWKV-x070-World)-(?<size>\d+(?:\.\d+)?B)-v[\d.]+-(?<date>20\d{6})-ctx\d+\.pth$/i,
  },
];

/** The tokenizer of all of them. */
export const vocabularyName = "rwkv_vocab_v20230424.txt";

/** Who has it, where the checkpoint's own repository does not. */
export const vocabularyRepositories: readonly string[] = [
  "RWKV/rwkv-6-world-1b6",
  "fla-hub/rwkv7-1.5B-world",
];

/** A size in which official RWKV-7 come. */
export interface Shape {
  /** As in the names of checkpoints, in capitals. */
  readonly sizeName: string;
  /** Bytes of the checkpoint, 16 bits a parameter. */
  readonly bytes: number;
  /** Parameters of the matrices that each token reads: all but the embedding (65,536 × width). */
  readonly matrices: number;
}

/** By size. The authors' advice for the first two is 8 bits: they suffer from less. */
export const shapes: readonly Shape[] = [
  { sizeName: "0.1B", bytes: 382e6, matrices: 141e6 },
  { sizeName: "0.4B", bytes: 902e6, matrices: 384e6 },
  { sizeName: "1.5B", bytes: 3.06e9, matrices: 1.39e9 },
  { sizeName: "2.9B", bytes: 5.9e9, matrices: 2.78e9 },
  { sizeName: "7.2B", bytes: 14.4e9, matrices: 6.93e9 },
  { sizeName: "13.3B", bytes: 26.5e9, matrices: 13e9 },
];

/** Sizes that a processor without a graphics card completes with. */
export const offeredSizes = ["0.1B", "0.4B", "1.5B", "2.9B"] as const;

/** Sizes that are kept in 8 bits without being asked. */
export function wantsEightBits(sizeName: string): boolean {
  return sizeName === "0.1B" || sizeName === "0.4B";
}

/** What the name of a file says, if it is an official checkpoint's. */
export function describeName(
  { pattern }: Repository,
  name: string,
): { series: string; sizeName: string; date: string } | undefined {
  const groups = pattern.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { series, size, date } = groups as Record<
    "series" | "size" | "date",
    string
  >;
  return { series, sizeName: size.toUpperCase(), date };
}
