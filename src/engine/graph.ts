import { PbfWriter } from "pbf";

/**
 * Writes ONNX models. Field numbers are those of onnx.proto (github.com/onnx/onnx, `onnx.proto3`).
 *
 * Weights go to a file of their own ("external data"), so that they can be mapped and a graph
 * stays a few kilobytes.
 */
export type ElementType = "float32" | "float16" | "uint8" | "int64" | "bool";

const elementTypeIds: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int64: 7,
  bool: 9,
  float16: 10,
};
const elementBytes: Record<ElementType, number> = {
  float32: 4,
  uint8: 1,
  int64: 8,
  bool: 1,
  float16: 2,
};

/** A dimension of an input or output: a number, or a name for one that varies from run to run. */
export type Dimension = number | string;

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly body: Body };

/** The graph inside an operator such as Loop or Scan. It sees the values around it. */
export interface Body {
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Takes the bytes of the external weights in order. */
export type WriteWeights = (bytes: Uint8Array) => void;

/**
 * Replaces `WriteWeights` if a graph is built without its weights: gives the bytes of the tensors that
 * are kept in the graph.
 */
export interface KnownWeights {
  inline(name: string): Uint8Array | undefined;
}

export interface Node {
  op: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface ValueInfo {
  name: string;
  type: ElementType;
  /** Absent if the runtime infers the shape. */
  dims?: readonly Dimension[];
}

interface Initializer {
  name: string;
  type: ElementType;
  dims: readonly number[];
  /** Bytes kept in the graph, or their position in the weights file. */
  data: Uint8Array | { offset: number; length: number };
}

/** Constants up to this many bytes stay in the graph: ONNX Runtime wants shapes and axes there. */
const inlineBytes = 256;
/** Weights begin at multiples of this, so that mapped tensors are aligned for vector loads. */
const alignment = 64;

/** Builds a graph node by node; every method that makes a value returns its name. */
export class GraphBuilder {
  private nodes: Node[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly initializers: Initializer[] = [];
  private readonly constantNames = new Map<string, string>();
  private offset = 0;
  private values = 0;

  /**
   * @param weightsFile name of the weights file, beside the model
   * @param weights gets the weights' bytes in the order of that file; or replaces them, and then the
   *   bytes given for a weight may be empty
   */
  constructor(
    private readonly weightsFile: string,
    private readonly weights: WriteWeights | KnownWeights,
  ) {}

  /** Bytes of the weights file so far. */
  get weightBytes(): number {
    return this.offset;
  }

  input(name: string, type: ElementType, dims: readonly Dimension[]): string {
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** Makes `value` an output of the graph called `name`. */
  output(
    name: string,
    value: string,
    type: ElementType,
    dims: readonly Dimension[],
  ): void {
    this.nodes.push({
      op: "Identity",
      domain: "",
      inputs: [value],
      outputs: [name],
      attributes: {},
    });
    this.outputs.push({ name, type, dims });
  }

  /** A weight, given as its little-endian bytes; see the constructor for when they may be empty. */
  weight(
    name: string,
    type: ElementType,
    dims: readonly number[],
    bytes: Uint8Array,
  ): string {
    const known =
      typeof this.weights === "function" ? bytes : this.weights.inline(name);
    return this.initializer(name, type, dims, known);
  }

  /** @param bytes undefined if not known, which is allowed only for those in the weights file */
  private initializer(
    name: string,
    type: ElementType,
    dims: readonly number[],
    bytes: Uint8Array | undefined,
  ): string {
    const size = dims.reduce(
      (product, dim) => product * dim,
      elementBytes[type],
    );
    const isInline = size <= inlineBytes;
    if (bytes === undefined ? isInline : size !== bytes.length) {
      throw new RangeError(
        `${name} has ${bytes?.length ?? 0} bytes; its shape [${dims.join()}] wants ${size}`,
      );
    }
    if (isInline) {
      this.initializers.push({ name, type, dims, data: bytes!.slice() });
      return name;
    }
    const padding = (alignment - (this.offset % alignment)) % alignment;
    if (typeof this.weights === "function" && bytes !== undefined) {
      if (padding > 0) this.weights(new Uint8Array(padding));
      this.weights(bytes);
    }
    const offset = this.offset + padding;
    this.initializers.push({
      name,
      type,
      dims,
      data: { offset, length: size },
    });
    this.offset = offset + size;
    return name;
  }

  /** A name for another form of the weight `name`. */
  unique(name: string): string {
    return `${name}.${this.values++}`;
  }

  floats(name: string, dims: readonly number[], values: Float32Array): string {
    return this.weight(name, "float32", dims, bytesOf(values));
  }

  /** A small integer tensor such as a shape or axes; equal ones are shared. */
  ints(...values: number[]): string {
    return this.shared(`i:${values.join()}`, (name) =>
      this.initializer(
        name,
        "int64",
        [values.length],
        bytesOf(BigInt64Array.from(values, BigInt)),
      ),
    );
  }

  /** An integer without dimensions, as Gather takes it to drop an axis; equal ones are shared. */
  index(value: number): string {
    return this.shared(`n:${value}`, (name) =>
      this.initializer(
        name,
        "int64",
        [],
        bytesOf(BigInt64Array.of(BigInt(value))),
      ),
    );
  }

  /** A float that broadcasts; equal ones are shared. */
  scalar(value: number): string {
    return this.shared(`f:${value}`, (name) =>
      this.initializer(name, "float32", [], bytesOf(Float32Array.of(value))),
    );
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Node["attributes"] = {},
    domain = "",
  ): string {
    return this.nodeWithOutputs(1, op, inputs, attributes, domain)[0]!;
  }

  nodeWithOutputs(
    count: number,
    op: string,
    inputs: readonly string[],
    attributes: Node["attributes"] = {},
    domain = "",
  ): string[] {
    const outputs = Array.from({ length: count }, () => `v${this.values++}`);
    this.nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  /**
   * The body of a Loop or Scan: `make` gets the names of its inputs and returns its outputs. Nodes that
   * it adds belong to the body; constants belong to the graph around it, which the body can read.
   */
  body(
    inputs: readonly (readonly [ElementType, readonly Dimension[]])[],
    make: (...names: string[]) => (readonly [string, ElementType])[],
  ): Attribute {
    const outer = this.nodes;
    this.nodes = [];
    try {
      const infos = inputs.map(([type, dims]) => ({
        name: `v${this.values++}`,
        type,
        dims,
      }));
      const outputs = make(...infos.map(({ name }) => name));
      return {
        body: {
          nodes: this.nodes,
          inputs: infos,
          outputs: outputs.map(([name, type]) => ({ name, type })),
        },
      };
    } finally {
      this.nodes = outer;
    }
  }

  /** The serialised ModelProto. */
  finish(): Uint8Array {
    const pbf = new PbfWriter();
    pbf.writeVarintField(1, 10); // IR version 10, ONNX 1.16
    pbf.writeStringField(2, "rwkv-code");
    pbf.writeMessage(7, (_, graph) => this.writeGraph(graph), null);
    for (const [domain, version] of [
      ["", 21],
      ["com.microsoft", 1],
    ] as const) {
      pbf.writeMessage(
        8,
        (_, opset) => {
          opset.writeStringField(1, domain);
          opset.writeVarintField(2, version);
        },
        null,
      );
    }
    return pbf.finish();
  }

  private shared(key: string, make: (name: string) => string): string {
    let name = this.constantNames.get(key);
    if (name === undefined)
      this.constantNames.set(key, (name = make(`c${this.constantNames.size}`)));
    return name;
  }

  private writeGraph(pbf: PbfWriter): void {
    for (const node of this.nodes) pbf.writeMessage(1, writeNode, node);
    pbf.writeStringField(2, "rwkv");
    for (const initializer of this.initializers) {
      pbf.writeMessage(
        5,
        (tensor, out) => this.writeTensor(tensor, out),
        initializer,
      );
    }
    for (const input of this.inputs)
      pbf.writeMessage(11, writeValueInfo, input);
    for (const output of this.outputs)
      pbf.writeMessage(12, writeValueInfo, output);
  }

  private writeTensor(
    { name, type, dims, data }: Initializer,
    pbf: PbfWriter,
  ): void {
    for (const dim of dims) pbf.writeVarintField(1, dim);
    pbf.writeVarintField(2, elementTypeIds[type]);
    pbf.writeStringField(8, name);
    if (data instanceof Uint8Array) {
      pbf.writeBytesField(9, data);
      return;
    }
    const place = {
      location: this.weightsFile,
      offset: data.offset,
      length: data.length,
    };
    for (const [key, value] of Object.entries(place)) {
      pbf.writeMessage(
        13,
        (_, entry) => {
          entry.writeStringField(1, key);
          entry.writeStringField(2, String(value));
        },
        null,
      );
    }
    pbf.writeVarintField(14, 1); // data_location: EXTERNAL
  }
}

function writeNode(
  { op, domain, inputs, outputs, attributes }: Node,
  pbf: PbfWriter,
): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, `${op}/${outputs[0]}`);
  pbf.writeStringField(4, op);
  for (const [name, value] of Object.entries(attributes)) {
    pbf.writeMessage(
      5,
      (_, attribute) => writeAttribute(name, value, attribute),
      null,
    );
  }
  if (domain !== "") pbf.writeStringField(7, domain);
}

function writeBody({ nodes, inputs, outputs }: Body, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, "body");
  for (const input of inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeAttribute(name: string, value: Attribute, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  let type: number;
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    type = 2; // INT
  } else if (typeof value === "string") {
    pbf.writeBytesField(4, Buffer.from(value));
    type = 3; // STRING
  } else if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    type = 1; // FLOAT
  } else if ("body" in value) {
    pbf.writeMessage(6, writeBody, value.body);
    type = 5; // GRAPH
  } else {
    for (const int of value) pbf.writeVarintField(8, int);
    type = 7; // INTS
  }
  pbf.writeVarintField(20, type);
}

function writeValueInfo({ name, type, dims }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(
    2,
    (_, typeProto) => {
      typeProto.writeMessage(
        1,
        (_, tensorType) => {
          tensorType.writeVarintField(1, elementTypeIds[type]);
          if (dims === undefined) return;
          tensorType.writeMessage(
            2,
            (_, shape) => {
              for (const dim of dims) {
                shape.writeMessage(
                  1,
                  (_, dimension) => {
                    if (typeof dim === "number")
                      dimension.writeVarintField(1, dim);
                    else dimension.writeStringField(2, dim);
                  },
                  null,
                );
              }
            },
            null,
          );
        },
        null,
      );
    },
    null,
  );
}

/** The memory of a typed array as bytes. */
export function bytesOf(
  array: Float32Array | BigInt64Array | Uint16Array,
): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
