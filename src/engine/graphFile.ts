import { PbfReader } from "pbf";
import { completeGraph, type Generation, type GraphOptions } from "./build";
import { GraphBuilder, type KnownWeights } from "./graph";
import type { Shape } from "./layers";
import type { Weights } from "./weights";

export interface GraphFile {
  generation: Generation;
  shape: Shape;
  quantisation: GraphOptions["quantisation"];
  /** Name and bytes of the weights file. */
  weightsFile: string;
  weightBytes: number;
}

/**
 * Whether a serialised graph is byte for byte the one that our builder makes for these sizes.
 *
 * ONNX Runtime computes any graph, with endless loops or tensors of any size, so it gets only graphs
 * that were built here. To check, the builder is run again without the weights. It takes from the given
 * graph the sizes that the manifest lacks (ranks, hidden channels), the values of small tensors, which
 * are part of the graph, and ε of the norms.
 */
export function isOurGraph(graph: Uint8Array, about: GraphFile): boolean {
  try {
    const { tensors, epsilons } = readGraph(graph);
    const weights = new ListedWeights(tensors, about);
    const builder = new GraphBuilder(about.weightsFile, weights);
    const { generation, quantisation, weightBytes } = about;
    const options = { quantisation, ...epsilons };
    const built = completeGraph(generation, builder, weights, options);
    return (
      builder.weightBytes === weightBytes && Buffer.compare(built, graph) === 0
    );
  } catch {
    // The graph cannot be parsed, or lacks tensors.
    return false;
  }
}

interface Initializer {
  name: string;
  dims: number[];
  /** Its values, if they are part of the graph. */
  inline: Uint8Array | undefined;
}

type Epsilons = Omit<GraphOptions, "quantisation">;

/** Which ε a norm has, by the name of its weight. */
function epsilonOf(weight: string): keyof Epsilons {
  if (weight === "ln_out.weight") return "outNormEpsilon";
  return weight.endsWith(".ln_x.weight") ? "headNormEpsilon" : "normEpsilon";
}

/** Tensors by name, and ε, of a ModelProto (field numbers: `graph.ts`). */
function readGraph(model: Uint8Array): {
  tensors: Map<string, Initializer>;
  epsilons: Epsilons;
} {
  const tensors = new Map<string, Initializer>();
  const epsilons: Epsilons = {};
  const readTensor = (tag: number, tensor: Initializer, pbf: PbfReader) => {
    if (tag === 1) tensor.dims.push(pbf.readVarint());
    else if (tag === 8) tensor.name = pbf.readString();
    else if (tag === 9) tensor.inline = pbf.readBytes();
  };
  const readAttribute = (tag: number, attribute: Attribute, pbf: PbfReader) => {
    if (tag === 1) attribute.name = pbf.readString();
    else if (tag === 2) attribute.float = pbf.readFloat();
  };
  const readNode = (tag: number, node: Node, pbf: PbfReader) => {
    if (tag === 1) node.inputs.push(pbf.readString());
    else if (tag === 5) {
      const attribute = pbf.readMessage(readAttribute, { name: "", float: 0 });
      if (attribute.name === "epsilon") node.epsilon = attribute.float;
    }
  };
  const readPart = (tag: number, _: null, pbf: PbfReader) => {
    if (tag === 1) {
      const node: Node = { inputs: [], epsilon: undefined };
      const { inputs, epsilon } = pbf.readMessage(readNode, node);
      if (epsilon !== undefined) epsilons[epsilonOf(inputs[1] ?? "")] = epsilon;
    } else if (tag === 5) {
      const empty: Initializer = { name: "", dims: [], inline: undefined };
      const tensor = pbf.readMessage(readTensor, empty);
      // Of two tensors with one name the first counts.
      if (!tensors.has(tensor.name)) tensors.set(tensor.name, tensor);
    }
  };
  new PbfReader(model).readFields((tag, _, pbf) => {
    if (tag === 7) pbf.readMessage(readPart, null);
  }, null);
  return { tensors, epsilons };
}

interface Node {
  inputs: string[];
  epsilon: number | undefined;
}

interface Attribute {
  name: string;
  float: number;
}

/** The weights that a graph lists, without values: their sizes under the checkpoint's names. */
class ListedWeights implements Weights, KnownWeights {
  /** Other forms of a weight, which `unique` has named with a number at the end, by the weight's name. */
  private readonly changed = new Map<string, Initializer>();

  constructor(
    private readonly tensors: ReadonlyMap<string, Initializer>,
    private readonly about: GraphFile,
  ) {
    for (const [name, tensor] of tensors) {
      const [, original] = /^(.+)\.\d+$/.exec(name) ?? [];
      if (original !== undefined) this.changed.set(original, tensor);
    }
    const { vocabulary, width } = about.shape;
    // Sizes that exceed the weights file are refused before memory is allocated.
    if (vocabulary * width > about.weightBytes)
      throw new Error("the embedding is larger than all weights");
  }

  has(name: string): boolean {
    return this.find(name) !== undefined || this.tensors.has(`${name}.q`);
  }

  dims(name: string): readonly number[] {
    const { vocabulary, width, heads, headSize } = this.about.shape;
    if (name === "emb.weight") return [vocabulary, width];
    // The graph has these values repeated for each channel, or in rows, so it does not show the heads.
    if (/^blocks\.0\.att\.(r_k|time_decay|time_faaaa)$/.test(name))
      return [heads, headSize];
    const packed = this.tensors.get(`${name}.q`);
    if (packed !== undefined) {
      const [rows = 0, blocks = 0, bytes = 0] = packed.dims;
      const perByte = this.about.quantisation === "int4" ? 2 : 1;
      return [rows, blocks * bytes * perByte];
    }
    const tensor = this.find(name);
    if (tensor === undefined) throw new Error(`the graph lacks ${name}`);
    const isLinear =
      tensor.dims.length === 2 &&
      name.endsWith(".weight") &&
      !/\.(s_emb|ln_x)\.weight$/.test(name);
    return isLinear ? tensor.dims.toReversed() : tensor.dims;
  }

  float32(): Float32Array {
    return new Float32Array(0);
  }

  inline(name: string): Uint8Array | undefined {
    return this.tensors.get(name)?.inline;
  }

  private find(name: string): Initializer | undefined {
    return this.tensors.get(name) ?? this.changed.get(name);
  }
}
