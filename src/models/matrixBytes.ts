/**
 * Bytes that one value of a large matrix takes in a package, by quantisation. Quantised values share
 * a float32 scale per block (`engine/quantise.ts`). With int4 a block has 32 values; with int8 it has
 * 32 to 256, so the figure for int8 is an upper bound.
 */
export const matrixBytes = {
  int8: 1 + 4 / 32,
  int4: 0.5 + 4 / 32,
  none: 4,
};
