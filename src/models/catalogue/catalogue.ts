/**
 * A repository in which the authors of RWKV publish checkpoints that can be imported. Its files are
 * not listed here but requested when the user opens the list (`official.ts`): file names contain
 * dates, and the authors replace older files by newer ones.
 */
export interface Repository {
  /** `OWNER/NAME` on Hugging Face. */
  readonly name: string;
  /** SPDX identifier of the licence, which is the same for all files of the repository. */
  readonly license: string;
  /**
   * Matches the file name of a checkpoint. Named groups: `series` (rwkv7-g1), `size` (0.1b) and
   * `date` (20250307).
   */
  readonly pattern: RegExp;
}

/** The official repositories, first the one of the series that the authors recommend (G1). */
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

/** The file name of the World vocabulary, which is the tokenizer of every official checkpoint. */
export const vocabularyName = "rwkv_vocab_v20230424.txt";

/** Repositories that have the vocabulary, for checkpoints whose own repository lacks it. */
export const vocabularyRepositories: readonly string[] = [
  "RWKV/rwkv-6-world-1b6",
  "fla-hub/rwkv7-1.5B-world",
];

/** A size in which official RWKV-7 checkpoints are published. */
export interface OfficialSize {
  /** As in the names of checkpoints, but in upper case: 0.1B. */
  readonly sizeName: string;
  /** Size of the checkpoint's file in bytes, at 16 bits a parameter. */
  readonly bytes: number;
  /**
   * Number of parameters in the matrices that are read for each token: all parameters except the
   * embedding (65,536 × width), of which a token reads one row.
   */
  readonly matrixParameters: number;
}

/** The official sizes, smallest first. */
export const officialSizes: readonly OfficialSize[] = [
  { sizeName: "0.1B", bytes: 382e6, matrixParameters: 141e6 },
  { sizeName: "0.4B", bytes: 902e6, matrixParameters: 384e6 },
  { sizeName: "1.5B", bytes: 3.06e9, matrixParameters: 1.39e9 },
  { sizeName: "2.9B", bytes: 5.9e9, matrixParameters: 2.78e9 },
  { sizeName: "7.2B", bytes: 14.4e9, matrixParameters: 6.93e9 },
  { sizeName: "13.3B", bytes: 26.5e9, matrixParameters: 13e9 },
];

/** The sizes that are offered for download: larger ones are too slow without a graphics card. */
export const offeredSizes = ["0.1B", "0.4B", "1.5B", "2.9B"] as const;

/**
 * Whether a size is quantised to 8 bits without asking the user. The authors of RWKV recommend 8 bits
 * for the two smallest sizes, which lose too much accuracy at 4 bits.
 */
export function wantsEightBits(sizeName: string): boolean {
  return sizeName === "0.1B" || sizeName === "0.4B";
}

/**
 * The series, size (in upper case) and date in the file name of an official checkpoint; undefined if
 * the file is none.
 */
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
