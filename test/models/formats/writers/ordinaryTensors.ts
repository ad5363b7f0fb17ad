/**
 * Tensors of a network by their kind, with bounds between which random values are of ordinary size.
 *
 * @param add takes a tensor's name, its shape and the bounds
 */
export function ordinaryTensors(
  width: number,
  add: (name: string, dims: number[], low: number, high: number) => void,
) {
  const most = 1 / Math.sqrt(width);
  return {
    matrix: (name: string, rows = width, columns = width) =>
      add(name, [rows, columns], -most, most),
    vector: (name: string, low: number, high: number) =>
      add(name, [1, 1, width], low, high),
    norm: (name: string) => {
      add(`${name}.weight`, [width], 0.5, 1.5);
      add(`${name}.bias`, [width], -0.2, 0.2);
    },
  };
}
