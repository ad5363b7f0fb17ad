import { GraphBuilder, type WriteWeights } from "./graph";
import { Layers, type Shape } from "./layers";
import type { Quantisation } from "./quantise";
import { Rwkv4, shapeOf as shapeOf4 } from "./rwkv4";
import { Rwkv5, shapeOf as shapeOf5 } from "./rwkv5";
import { Rwkv6, shapeOf as shapeOf6 } from "./rwkv6";
import { Rwkv7, shapeOf as shapeOf7 } from "./rwkv7";
import { addVectors, vectorWeight } from "./vectors";
import type { Weights } from "./weights";

/** The generations of RWKV that have a graph. */
export const generations = ["4", "5.0", "5.1", "5.2", "6", "7", "7a"] as const;
export type Generation = (typeof generations)[number];

/** The two halves of a block; each reads the normed stream, [1, T, D], and returns what to add to it. */
interface Mixes {
  timeMix(layer: number, x: string): string;
  channelMix(layer: number, x: string): string;
}

/** The inputs of a graph besides the weights. */
export interface GraphOptions {
  quantisation: Quantisation;
  /**
   * ε of the norm per head from RWKV-5 on, 64e-5 in official checkpoints. It is not in the file:
   * rwkv.cpp computes RWKV-5 with 1e-5.
   */
  headNormEpsilon?: number | undefined;
  /** ε of the layer norms inside the blocks and of the embedding's, 1e-5 in official checkpoints. */
  normEpsilon?: number | undefined;
  /** ε of the layer norm before the head; `normEpsilon` if it is not given. */
  outNormEpsilon?: number | undefined;
}

export interface BuildOptions extends GraphOptions {
  /** Name of the weights file, beside the graph. */
  weightsFile: string;
  /** Gets the weights' bytes in the order of that file. */
  write: WriteWeights;
}

/** The sizes of a checkpoint. @throws Error if a tensor is missing or the sizes do not fit together. */
export function shapeOf(generation: Generation, weights: Weights): Shape {
  const of = { "4": shapeOf4, "5": shapeOf5, "6": shapeOf6, "7": shapeOf7 };
  return of[generation[0] as keyof typeof of](weights);
}

/**
 * Builds the graph of a checkpoint, which serves any number of tokens: prefill and decode alike.
 *
 * Inputs: `tokens` int64 [T], `read` int64 [P] (the positions whose logits are wanted, 0 … T − 1) and
 * the state, each part `name.layer`, all zeros before the first token. Outputs: `logits` and
 * `probabilities`, their softmax, both [P, V], `hidden` [P, D] (what the head reads) and `new.` + each
 * part of the state. With the weight `neighbours.weight`, those of `TokenVectors` besides.
 *
 * @returns the serialised graph; its weights go to `write`
 */
export function buildGraph(
  generation: Generation,
  weights: Weights,
  options: BuildOptions,
): Uint8Array {
  const graph = new GraphBuilder(options.weightsFile, options.write);
  return completeGraph(generation, graph, weights, options);
}

/** Adds all nodes of a checkpoint's graph and serialises it. */
export function completeGraph(
  generation: Generation,
  graph: GraphBuilder,
  weights: Weights,
  options: GraphOptions,
): Uint8Array {
  const shape = shapeOf(generation, weights);
  const l = new Layers(graph, weights, shape, options, shape.layers);
  const tokens = graph.input("tokens", "int64", ["T"]);
  const read = graph.input("read", "int64", ["P"]);
  let x = l.embedding(tokens);
  const mixes = mixesOf(generation, l, tokens, x, options);
  for (let layer = 0; layer < shape.layers; layer++)
    x = block(l, mixes, layer, x);
  l.finishShifts();

  // The head is the largest matrix, so it is applied only to the positions in `read`.
  const normed = (rows: string) =>
    l.norm("ln_out", rows, options.outNormEpsilon);
  let hidden: string;
  if (weights.has(vectorWeight)) {
    const all = normed(l.rowsOf(x));
    addVectors(l, all, read);
    hidden = graph.node("Gather", [all, read]);
  } else hidden = normed(graph.node("Gather", [l.rowsOf(x), read]));
  const logits = l.head(hidden);
  const probabilities = graph.node("Softmax", [logits], { axis: -1 });
  const output = (name: string, value: string, columns: number) =>
    graph.output(name, value, "float32", ["P", columns]);
  output("hidden", hidden, shape.width);
  output("logits", logits, shape.vocabulary);
  output("probabilities", probabilities, shape.vocabulary);
  return graph.finish();
}

/** The parts of a network that are computed one after the other; a number is a block. */
export type Stage = "embedding" | number | "norm" | "head";

/**
 * Builds the graph of one stage alone, so that a network of any size can be computed in little memory.
 *
 * Inputs, as far as the stage has them: `tokens` int64 [T]; `x` and `embedding`, [1, T, D], and, in
 * RWKV-7, `first_value` [T, D]; the block's state as in `buildGraph`. Outputs: `new.` + each that the
 * stage changes, an input of the next stage; `logits` [1, T, V] of the head.
 *
 * @returns the serialised graph; its weights go to `write`
 */
export function buildStage(
  generation: Generation,
  weights: Weights,
  stage: Stage,
  options: BuildOptions,
): Uint8Array {
  const graph = new GraphBuilder(options.weightsFile, options.write);
  const shape = shapeOf(generation, weights);
  const blocks = typeof stage === "number" ? 1 : 0;
  const l = new Layers(graph, weights, shape, options, blocks);
  const input = (name: string) =>
    graph.input(name, "float32", [1, "T", shape.width]);
  const output = (name: string, value: string, columns = shape.width) =>
    graph.output(name, value, "float32", [1, "T", columns]);
  const runTokens = () => graph.input("tokens", "int64", ["T"]);
  const row = ["T", shape.width];

  if (stage === "embedding") {
    const embedding = l.embedding(runTokens());
    output("new.embedding", embedding);
    output("new.x", embedding);
  } else if (stage === "norm") {
    output("new.x", l.norm("ln_out", input("x"), options.outNormEpsilon));
  } else if (stage === "head") {
    output("logits", l.head(input("x")), shape.vocabulary);
  } else {
    const embedding = input("embedding");
    const mixes = mixesOf(generation, l, runTokens(), embedding, options);
    if (mixes instanceof Rwkv7 && stage > 0)
      mixes.firstValue = graph.input("first_value", "float32", row);
    output("new.x", block(l, mixes, stage, input("x")));
    l.finishShifts();
    if (mixes instanceof Rwkv7)
      graph.output("new.first_value", mixes.firstValue!, "float32", row);
  }
  return graph.finish();
}

/** The stream after a block. */
function block(l: Layers, mixes: Mixes, layer: number, x: string): string {
  const name = `blocks.${layer}`;
  x = l.add(x, mixes.timeMix(layer, l.norm(`${name}.ln1`, x)));
  return l.add(x, mixes.channelMix(layer, l.norm(`${name}.ln2`, x)));
}

function mixesOf(
  generation: Generation,
  l: Layers,
  tokens: string,
  embedding: string,
  { headNormEpsilon = 64e-5 }: GraphOptions,
): Mixes {
  switch (generation) {
    case "4":
      return new Rwkv4(l);
    case "5.0":
    case "5.1":
    case "5.2":
      return new Rwkv5(l, tokens, headNormEpsilon);
    case "6":
      return new Rwkv6(l, headNormEpsilon);
    case "7":
    case "7a":
      return new Rwkv7(l, tokens, embedding, headNormEpsilon);
  }
}
