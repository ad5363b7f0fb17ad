/** The tensors of a checkpoint by their official names, read one at a time. */
export interface Weights {
  has(name: string): boolean;
  /** @throws Error that names the tensor if it is missing. */
  dims(name: string): readonly number[];
  /** The values in row-major order, as a new array. @throws Error that names the tensor if it is missing. */
  float32(name: string): Float32Array;
}
