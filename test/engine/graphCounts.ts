import { PbfReader } from "pbf";

/** What of an ONNX graph costs time in every run. */
export interface GraphCounts {
  /** How often each operator is run, those aside that the runtime computes when it loads the graph. */
  operators: Record<string, number>;
  inputs: string[];
  outputs: string[];
}

interface Node {
  op: string;
  inputs: string[];
  outputs: string[];
}

type Fields = Record<number, (pbf: PbfReader) => void>;

/** Counts in a serialised ModelProto; field numbers are those of `onnx.proto3`. */
export function countGraph(model: Uint8Array): GraphCounts {
  const nodes: Node[] = [];
  // An input that an operator is not given has no name.
  const constants = new Set([""]);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const tensor: Fields = { 8: (pbf) => constants.add(pbf.readString()) };
  const input: Fields = { 1: (pbf) => inputs.push(pbf.readString()) };
  const output: Fields = { 1: (pbf) => outputs.push(pbf.readString()) };
  const graph: Fields = {
    1: (pbf) => nodes.push(readNode(pbf)),
    5: (pbf) => pbf.readMessage(visit, tensor),
    11: (pbf) => pbf.readMessage(visit, input),
    12: (pbf) => pbf.readMessage(visit, output),
  };
  new PbfReader(model).readFields<Fields>(visit, {
    7: (pbf) => pbf.readMessage(visit, graph),
  });

  const operators: Record<string, number> = {};
  for (const { op, inputs, outputs } of nodes) {
    if (inputs.every((name) => constants.has(name)))
      for (const name of outputs) constants.add(name);
    // An Identity gives an output its name; the runtime leaves it out.
    else if (op !== "Identity") operators[op] = (operators[op] ?? 0) + 1;
  }
  return { operators, inputs, outputs };
}

function readNode(pbf: PbfReader): Node {
  const node: Node = { op: "", inputs: [], outputs: [] };
  const fields: Fields = {
    1: (pbf) => node.inputs.push(pbf.readString()),
    2: (pbf) => node.outputs.push(pbf.readString()),
    4: (pbf) => (node.op = pbf.readString()),
  };
  pbf.readMessage(visit, fields);
  return node;
}

function visit(tag: number, fields: Fields, pbf: PbfReader): void {
  fields[tag]?.(pbf);
}
