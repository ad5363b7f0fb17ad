import { weightsFile, type Manifest } from "./manifest";

/**
 * Bytes of a model's weights, and those of them that the network reads for each token: all but the
 * embedding, of which a token reads one row. The embedding is in half precision, or in single precision
 * if the model is not quantised.
 */
export function weightBytes({
  files,
  vocabulary,
  width,
  quantisation,
}: Manifest): { bytes: number; bytesPerToken: number } {
  const { bytes } = files[weightsFile]!;
  const embedding = vocabulary * width * (quantisation === "none" ? 4 : 2);
  return { bytes, bytesPerToken: Math.max(0, bytes - embedding) };
}
