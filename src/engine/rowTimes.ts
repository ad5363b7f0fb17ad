/** The product of a row of a matrix, [N, L], and a vector, [L]. */
export function rowTimes(
  matrix: Float32Array,
  row: number,
  vector: Float32Array,
): number {
  let sum = 0;
  const start = row * vector.length;
  for (let i = 0; i < vector.length; i++)
    sum += matrix[start + i]! * vector[i]!;
  return sum;
}
