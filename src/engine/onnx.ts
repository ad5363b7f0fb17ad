import { InferenceSession, Tensor } from "./onnxRuntime";

/** Values of a session's inputs and outputs. */
export type Values = Float32Array | BigInt64Array | Uint8Array;

export interface TensorInfo {
  readonly name: string;
  /** A number for a fixed dimension, a name for one that varies. */
  readonly dims: readonly (number | string)[];
}

export class Session {
  private constructor(private readonly session: InferenceSession) {}

  /**
   * Loads a model and its external weights.
   *
   * @param threads 0 leaves the choice to the runtime: one a physical core
   * @throws Error with the runtime's message if the model is not valid
   */
  static async load(modelPath: string, threads: number): Promise<Session> {
    const session = await InferenceSession.create(modelPath, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      // Threads that spin between two runs start the next one a little sooner, but keep the processor
      // busy while the editor is idle. So they may spin within a run only.
      extra: { session: { force_spinning_stop: "1" } },
    });
    return new Session(session);
  }

  get inputs(): readonly TensorInfo[] {
    return this.session.inputMetadata.map((meta) => ({
      name: meta.name,
      dims: meta.isTensor ? meta.shape : [],
    }));
  }

  /**
   * One run over named inputs. Inputs are read in place and never changed; outputs are new arrays.
   * The event loop stands still until the run is done.
   */
  async run(
    inputs: Readonly<Record<string, { data: Values; dims: readonly number[] }>>,
  ): Promise<Record<string, Float32Array>> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(inputs)) {
      feeds[name] = tensorOf(data, dims);
    }
    const fetched = await this.session.run(feeds);
    const outputs: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(fetched)) {
      outputs[name] = tensor.data as Float32Array;
    }
    return outputs;
  }

  dispose(): Promise<void> {
    return this.session.release();
  }
}

function tensorOf(data: Values, dims: readonly number[]): Tensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, dims);
  if (data instanceof Uint8Array) return new Tensor("uint8", data, dims);
  return new Tensor("int64", data, dims);
}
