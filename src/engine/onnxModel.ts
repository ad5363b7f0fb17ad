import { DecodeSpeed, preemptions } from "./decodeSpeed";
import type { LanguageModel, State, Step } from "./model";
import { Session, type TensorInfo } from "./onnx";

/** The longest time that a run may block the event loop. */
const longestRunMs = 15;
const longestRun = 64;

const statePrefix = "new.";
/** The inputs that are no part of the state. */
const others = ["tokens", "read", "neighbours"];

/**
 * A language model in an ONNX session. The session's inputs name the parts of its state: every input
 * besides `tokens`, `read` and `neighbours` is one, and the output `new.` + its name is the next value.
 */
export class OnnxModel implements LanguageModel {
  readonly emptyState: State;
  private decoding = new DecodeSpeed();
  /** Milliseconds per token of longer runs, a moving average. */
  private msPerPrefilledToken = 0;

  private constructor(
    private readonly session: Session,
    private readonly stateInputs: readonly TensorInfo[],
    readonly vocabularySize: number,
    readonly vectorWidth: number | undefined,
  ) {
    const tensors: Record<string, Float32Array> = {};
    for (const { name, dims } of stateInputs)
      tensors[name] = new Float32Array(sizeOf(dims));
    this.emptyState = stateOf(tensors);
  }

  /** Loads the model and measures its speed, which takes some tens of runs. */
  static async load(
    path: string,
    vocabularySize: number,
    threads: number,
  ): Promise<OnnxModel> {
    const session = await Session.load(path, threads);
    const { inputs } = session;
    const state = inputs.filter(({ name }) => !others.includes(name));
    const neighbours = inputs.find(({ name }) => name === "neighbours");
    const width = neighbours && Number(neighbours.dims[1]);
    const model = new OnnxModel(session, state, vocabularySize, width);
    await model.measure();
    return model;
  }

  get msPerToken(): number {
    return this.decoding.usual;
  }

  get undisturbedMsPerToken(): number | undefined {
    return this.decoding.undisturbed;
  }

  get fastestMsPerToken(): number {
    return this.decoding.fastest;
  }

  get runLength(): number {
    const length = Math.floor(longestRunMs / this.msPerPrefilledToken);
    return Math.min(longestRun, Math.max(1, length));
  }

  async advance(tokens: ArrayLike<number>, state: State): Promise<State> {
    if (tokens.length === 0) return state;
    return (await this.step(tokens, state, [])).state;
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read: readonly number[] = [tokens.length - 1],
    neighbours: Uint8Array = new Uint8Array(0),
  ): Promise<Step> {
    if (tokens.length === 0)
      throw new RangeError("a step needs at least one token");
    const { vectorWidth: width } = this;
    const inputs: Parameters<Session["run"]>[0] = {
      tokens: {
        data: BigInt64Array.from(tokens, (t) => this.checked(t)),
        dims: [tokens.length],
      },
      read: { data: BigInt64Array.from(read, BigInt), dims: [read.length] },
      ...Object.fromEntries(
        this.stateInputs.map(({ name, dims }) => [
          name,
          { data: state.tensors[name]!, dims: dims as number[] },
        ]),
      ),
      ...(width !== undefined && {
        neighbours: {
          data: neighbours,
          dims: [neighbours.length / width, width],
        },
      }),
    };
    const isDecoding = tokens.length === 1;
    const isWatched = isDecoding && this.decoding.isWatched;
    const before = isWatched ? preemptions() : 0;
    const started = performance.now();
    const outputs = await this.session.run(inputs);
    const ms = performance.now() - started;
    const disturbed = isWatched ? preemptions() - before : undefined;
    if (isDecoding) this.decoding.observe(ms, disturbed);
    else this.observe(tokens.length, ms);
    const tensors: Record<string, Float32Array> = {};
    for (const { name } of this.stateInputs)
      tensors[name] = outputs[statePrefix + name]!;
    return {
      logits: outputs.logits!,
      probabilities: outputs.probabilities!,
      hidden: outputs.hidden!,
      vectors: outputs.vectors && Uint8Array.from(outputs.vectors),
      similarities: outputs.similarities,
      state: stateOf(tensors),
    };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private checked(token: number): bigint {
    if (!Number.isInteger(token) || token < 0 || token >= this.vocabularySize) {
      throw new RangeError(
        `token ${token} is not in the vocabulary of ${this.vocabularySize}`,
      );
    }
    return BigInt(token);
  }

  private async measure(): Promise<void> {
    const tokens = new Array<number>(16).fill(0);
    // The first runs allocate memory, so only later ones count.
    for (const length of [1, 16, 1, 1, 16]) {
      this.msPerPrefilledToken = 0;
      await this.step(tokens.slice(0, length), this.emptyState);
    }
    this.decoding = new DecodeSpeed();
    for (let i = 0; i < 5; i++) await this.step([0], this.emptyState);
  }

  /** Measures runs of several tokens, for the speed of prefill. */
  private observe(tokens: number, ms: number): void {
    if (tokens < 8) return;
    const each = ms / tokens;
    this.msPerPrefilledToken =
      this.msPerPrefilledToken === 0
        ? each
        : 0.8 * this.msPerPrefilledToken + 0.2 * each;
  }
}

function stateOf(tensors: Record<string, Float32Array>): State {
  const bytes = Object.values(tensors).reduce(
    (sum, tensor) => sum + tensor.byteLength,
    0,
  );
  return { tensors, bytes };
}

function sizeOf(dims: readonly (number | string)[]): number {
  return dims.reduce<number>((product, dim) => product * Number(dim), 1);
}
