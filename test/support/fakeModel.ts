import {
  setImmediate as turn,
  setTimeout as sleep,
} from "node:timers/promises";
import type { Gate } from "../../src/engine/gate";
import type { LanguageModel, State, Step } from "../../src/engine/model";
import { NeighbourGate } from "../../src/engine/neighbourGate";
import { softmax } from "../../src/engine/sampling";
import type { LoadedModel } from "../../src/runtime/loadedModel";
import { Runtime } from "../../src/runtime/runtime";
import { encode } from "../../src/tokenizer/tokenizer";
import { endOfText, FakeTokenizer } from "./fakeTokenizer";
import { weightsOf } from "./weightsOf";

/** What the fake model would write after a text. */
export type Script = (textBefore: string) => string;

/** Continues each of some texts, as far as one of them starts with what was read. */
export function scripted(...texts: string[]): Script {
  return (before) =>
    texts.find((text) => text.startsWith(before))?.slice(before.length) ?? "";
}

export interface FakeState extends State {
  /** All bytes read, as Latin-1; what stands before the text of the document left out. */
  readonly read: string;
}

export interface FakeModelOptions {
  script: Script;
  /** What it would write less likely, the likeliest first. */
  others?: readonly Script[];
  words?: readonly string[];
  /** Milliseconds for which a step blocks the event loop, as a native run does. */
  stepMs?: number;
  /** What it says of its speed; not what a step takes. */
  msPerToken?: number;
  /** Called in each step, which lasts until what it returns has settled. */
  onStep?: () => Promise<void> | void;
  /** The logit of what the script says; all others are 0. */
  certainty?: number;
  /** Steps before which the model hangs for ever, without blocking. */
  hangAfter?: number;
  /** Bytes of the vectors that it makes, all 0; absent: it makes none. */
  vectorWidth?: number | undefined;
}

/** A language model whose state is what it has read, and which writes what a script says. */
export class FakeModel implements LanguageModel {
  readonly tokenizer: FakeTokenizer;
  readonly vocabularySize: number;
  readonly runLength = 16;
  readonly msPerToken: number;
  readonly fastestMsPerToken: number;
  readonly vectorWidth: number | undefined;
  readonly emptyState: FakeState = { tensors: {}, bytes: 8, read: "" };
  /** Calls of `step` and `advance`, and the tokens they were given. */
  runs = 0;
  tokens = 0;
  /** The most calls that ran at the same time. */
  mostAtOnce = 0;
  disposed = false;
  private atOnce = 0;

  constructor(readonly options: FakeModelOptions) {
    this.msPerToken = options.msPerToken ?? 1;
    this.fastestMsPerToken = this.msPerToken;
    this.vectorWidth = options.vectorWidth;
    this.tokenizer = new FakeTokenizer(options.words);
    this.vocabularySize = this.tokenizer.vocabularySize;
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read: readonly number[] = [tokens.length - 1],
  ): Promise<Step> {
    const next = await this.advance(tokens, state);
    const logits = new Float32Array(read.length * this.vocabularySize);
    read.forEach((position, row) => {
      const text = this.textAfter(
        Array.from(tokens).slice(0, position + 1),
        state,
      );
      const { script, others = [], certainty = 20 } = this.options;
      const likely = [script, ...others].map((each) =>
        this.predict(text, each),
      );
      // A script that has come to its end has nothing against one that goes on.
      const goingOn = likely.filter((token) => token !== endOfText);
      const next = goingOn.length > 0 ? goingOn : [endOfText];
      for (const [i, token] of next.entries())
        logits[row * this.vocabularySize + token] ||= certainty - i;
    });
    const probabilities = read.flatMap((_, row) => [
      ...softmax(
        logits.subarray(
          row * this.vocabularySize,
          (row + 1) * this.vocabularySize,
        ),
      ),
    ]);
    return {
      logits,
      probabilities: Float32Array.from(probabilities),
      hidden: new Float32Array(read.length),
      vectors:
        this.vectorWidth === undefined
          ? undefined
          : new Uint8Array(tokens.length * this.vectorWidth),
      state: next,
    };
  }

  async advance(tokens: ArrayLike<number>, state: State): Promise<FakeState> {
    if (this.disposed) throw new Error("the model was disposed of");
    this.runs++;
    this.tokens += tokens.length;
    if (this.runs > (this.options.hangAfter ?? Infinity))
      await sleep(1e9, undefined, { ref: false });
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    // A native run comes back by way of the event loop, too.
    await turn();
    const { stepMs = 0, onStep } = this.options;
    const pause = onStep?.();
    if (pause !== undefined) await pause;
    this.atOnce--;
    if (stepMs > 0)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
    return { tensors: {}, bytes: 8, read: this.textAfter(tokens, state) };
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  private textAfter(tokens: ArrayLike<number>, state: State): string {
    let { read } = state as FakeState;
    for (const token of Array.from(tokens)) {
      read += Buffer.from(this.tokenizer.bytesOf(token)).toString("latin1");
    }
    return read;
  }

  /** The first token of what the script says next. */
  private predict(read: string, script: Script): number {
    const before = Buffer.from(read, "latin1").toString("utf8");
    const rest = Buffer.from(script(before));
    return encode(this.tokenizer, rest)[0] ?? endOfText;
  }
}

/** An `onStep` that stops a model in its run of a number, counted from 1, until it may go on. */
export function pauseIn(run: number) {
  let runs = 0;
  let reach: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const pause = new Promise<void>((resolve) => (goOn = resolve));
  const onStep = () => {
    if (++runs !== run) return;
    reach();
    return pause;
  };
  return { onStep, reached, goOn };
}

/** Of a gate that gives the neighbours half of the mixture. */
const neighbourWeights = {
  "neighbours.sharpness": { dims: [1], values: [1] },
  "neighbours.elsewhere": { dims: [1], values: [0] },
  "neighbours.share_weight": { dims: [1], values: [0] },
  "neighbours.share": { dims: [6], values: [0, 0, 0, 0, 0, 0] },
};

/** A loaded model around a fake one, with the real state cache. */
export function fakeLoadedModel(
  model: FakeModel,
  name = "fake",
  gate?: Gate,
): LoadedModel {
  const neighbourGate =
    model.vectorWidth === undefined
      ? undefined
      : new NeighbourGate(weightsOf(neighbourWeights), 1, 0);
  const sources = { firstText: 0, gate, neighbourGate };
  return {
    name,
    description: `${name} · scripted`,
    tokenizer: model.tokenizer,
    network: model,
    sources,
    runtime: new Runtime(model, {
      budgetBytes: 1024 * 1024,
      tokenizer: model.tokenizer,
      ...sources,
    }),
    weightBytes: 1024,
    documentStart: () => [endOfText],
    dispose: () => model.dispose(),
  };
}
