import { shapes } from "./catalogue";

/** As the import offers them. */
export type Quantisation = "int8" | "int4" | "none";

/** Bytes a value of a matrix takes; at least 32 values share a scale of four bytes. */
const matrixBytes: Record<Quantisation, number> = {
  int8: 1 + 4 / 32,
  int4: 0.5 + 4 / 32,
  none: 4,
};

/**
 * Share of the memory's bandwidth with which weights are read while a token is decoded: 0.67 with one
 * thread and 0.54 with two at the 0.1B shape in 8 bits (docs/speed.md, "limit").
 */
const usedBandwidth = 0.6;

/** What a checkpoint will take once it is a model. */
export interface Needs {
  /** Bytes of its weights, on the disk and in memory. */
  readonly bytes: number;
  /** Bytes that each token reads. */
  readonly bytesPerToken: number;
}

/**
 * Estimates from a checkpoint's size in bytes, 16 bits a parameter. Without quantisation all weights
 * are in single precision; else matrices are quantised and tables stay in half precision.
 *
 * @param sizeName as in its name; for an unknown size, matrices are taken as 9/10 of the parameters
 */
export function needs(
  checkpointBytes: number,
  sizeName: string,
  quantisation: Quantisation,
): Needs {
  const shape = shapes.find((each) => each.sizeName === sizeName);
  const matrices = shape?.matrices ?? 0.45 * checkpointBytes;
  const bytesPerToken = matrices * matrixBytes[quantisation];
  const tables = Math.max(0, checkpointBytes - 2 * matrices);
  return {
    bytes: tables * (quantisation === "none" ? 2 : 1) + bytesPerToken,
    bytesPerToken,
  };
}

/**
 * Tokens a second that a model decodes at, since each token reads all matrices.
 *
 * @param bandwidth bytes a second, of {@link measureBandwidth}
 */
export function tokensPerSecond(
  bandwidth: number,
  bytesPerToken: number,
): number {
  return (usedBandwidth * bandwidth) / bytesPerToken;
}
