import { matrixBytes } from "../matrixBytes";
import { officialSizes } from "./catalogue";

/** How an import can store the large matrices. */
export type Quantisation = keyof typeof matrixBytes;

/**
 * The share of the memory's bandwidth that decoding uses to read weights: 0.67 with one thread and
 * 0.54 with two, measured with the 0.1B size in 8 bits (docs/speed.md, "limit of ours 8-bit").
 */
const usedBandwidth = 0.6;

/** What a model needs that is made from a checkpoint. */
export interface Needs {
  /** Bytes of its weights, on the disk and in memory. */
  readonly bytes: number;
  /** Bytes of weights that are read for each token. */
  readonly bytesPerToken: number;
}

/**
 * Estimates what the model made from a checkpoint needs. Without quantisation all weights become
 * float32. Otherwise the matrices are quantised and all else, mostly the embedding, stays in half
 * precision.
 *
 * @param checkpointBytes size of the checkpoint's file, at 16 bits a parameter
 * @param sizeName as in the checkpoint's name, such as 0.1B; for an unknown size, nine tenths of the
 *   parameters are taken to be in matrices
 */
export function needs(
  checkpointBytes: number,
  sizeName: string,
  quantisation: Quantisation,
): Needs {
  const size = officialSizes.find((each) => each.sizeName === sizeName);
  const inMatrices = size?.matrixParameters ?? 0.45 * checkpointBytes;
  const bytesPerToken = inMatrices * matrixBytes[quantisation];
  const otherBytes = Math.max(0, checkpointBytes - 2 * inMatrices);
  return {
    bytes: otherBytes * (quantisation === "none" ? 2 : 1) + bytesPerToken,
    bytesPerToken,
  };
}

/**
 * Estimates how many tokens per second a model decodes, from the time that reading its weights takes.
 *
 * @param bandwidth bytes per second, from `measureBandwidth`
 * @param bytesPerToken bytes of weights that are read for each token
 */
export function tokensPerSecond(
  bandwidth: number,
  bytesPerToken: number,
): number {
  return (usedBandwidth * bandwidth) / bytesPerToken;
}
