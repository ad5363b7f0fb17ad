import type { Layers } from "./layers";

/** The matrix that makes the vectors, [W, D]: a network without it makes none. */
export const vectorWeight = "neighbours.weight";

/** θ, [1]: how much more a vector counts that is more like. */
const sharpness = "neighbours.sharpness";

/** The number that a vector's 1 is stored as; the byte of 0 is `zero`. */
const one = 127;
const zero = 128;
/** The most bytes of a vector: they are kept for every token that was read. */
const widest = 256;

/**
 * Adds the vectors of tokens to a graph: the hidden state h after each of them, made shorter, W h / |W h|.
 *
 * Input: `neighbours` uint8 [N, W], vectors of earlier tokens. Outputs: `vectors` [T, W], as the numbers
 * 0 … 255 that they are stored as; `similarities` [P, N], exp(θ (cosine − 1)) of those in `read` with the
 * given ones.
 *
 * @param hidden of all tokens, [T, D]
 */
export function addVectors(l: Layers, hidden: string, read: string): void {
  const { graph } = l;
  const [width = 0, inputs] = l.weights.dims(vectorWeight);
  if (!(width >= 1 && width <= widest) || inputs !== l.shape.width)
    throw new Error(`${vectorWeight} has the shape [${width},${inputs}]`);
  const made = l.linear(vectorWeight, hidden, 1, "none");
  const unit = graph.node("LpNormalization", [made], { axis: -1, p: 2 });
  const rounded = l.map("Round", l.mul(unit, graph.scalar(one)));
  const stored = l.add(rounded, graph.scalar(zero));
  graph.output("vectors", stored, "float32", ["T", width]);

  const neighbours = graph.input("neighbours", "uint8", ["N", width]);
  const wanted = graph.node("Gather", [rounded, read]);
  const columns = graph.node("Transpose", [wanted], { perm: [1, 0] });
  const products = graph.node("MatMulInteger", [
    neighbours,
    graph.node("Cast", [columns], { to: int8 }),
    graph.weight(graph.unique("zero"), "uint8", [], Uint8Array.of(zero)),
  ]);
  // A row for each position first: scalars are slow to broadcast over rows of one number.
  const rows = graph.node("Transpose", [products], { perm: [1, 0] });
  const cosines = l.mul(
    graph.node("Cast", [rows], { to: float32 }),
    graph.scalar(1 / one ** 2),
  );
  const theta = graph.floats(sharpness, [1], l.weights.float32(sharpness));
  const below = l.mul(l.sub(cosines, graph.scalar(1)), theta);
  const weights = l.map("Exp", below);
  graph.output("similarities", weights, "float32", ["P", "N"]);
}

/** Element types by their numbers in `onnx.proto`. */
const float32 = 1;
const int8 = 3;
