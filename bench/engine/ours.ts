import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Gate } from "../../src/engine/gate";
import type { Step } from "../../src/engine/model";
import { NgramTable } from "../../src/engine/ngramTable";
import { OnnxModel } from "../../src/engine/onnxModel";
import { greedy } from "../../src/engine/sampling";
import { Safetensors } from "../../src/models/formats/safetensors";
import { graphFile } from "../../src/models/package/manifest";
import {
  ModelContinuation,
  type Continuation,
} from "../../src/runtime/continuation";
import { CopyIndex } from "../../src/copying/copyIndex";
import type { Runner, Settings } from "./runner";

/** Where the gate and the table lie, for a model that copies. */
export interface CopySources {
  readonly gate: string;
  readonly ngrams: string;
}

/** Our engine: the network alone, a run for each token, or the loop that the extension has. */
export class Ours implements Runner {
  private model: OnnxModel | undefined;
  private chunk = Infinity;
  private mixture: { gate: Gate; ngrams: NgramTable } | undefined;
  private step: Step | undefined;
  private continuation: Continuation | undefined;

  constructor(
    private readonly folder: string,
    private readonly vocabulary: number,
    private readonly copy?: CopySources,
  ) {}

  async load({ threads, chunk = Infinity }: Settings): Promise<void> {
    this.chunk = chunk;
    this.model = await OnnxModel.load(
      join(this.folder, graphFile),
      this.vocabulary,
      threads,
    );
    if (this.copy === undefined) return;
    const weights = new Safetensors(this.copy.gate);
    const width = weights.dims("gate.weight")[1]!;
    this.mixture = {
      gate: new Gate(weights, width),
      ngrams: new NgramTable(readFileSync(this.copy.ngrams)),
    };
    weights.close();
  }

  async unload(): Promise<void> {
    await this.model?.dispose();
    this.model = undefined;
  }

  async read(tokens: readonly number[]): Promise<void> {
    const model = this.model!;
    let state = model.emptyState;
    let at = 0;
    for (; at + this.chunk < tokens.length; at += this.chunk)
      state = await model.advance(tokens.slice(at, at + this.chunk), state);
    this.step = await model.step(tokens.slice(at), state);
    if (this.mixture !== undefined)
      this.continuation = continueAfter(model, this.step, tokens, this.mixture);
    this.choose();
  }

  async append(token: number): Promise<void> {
    if (this.continuation !== undefined) await this.continuation.push(token);
    else this.step = await this.model!.step([token], this.step!.state);
    this.choose();
  }

  async generate(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.append(this.choose());
  }

  private choose(): number {
    return greedy(this.continuation?.next() ?? this.step!.probabilities);
  }
}

/** As a suggestion is written: with copies, n-grams and drafts. */
function continueAfter(
  model: OnnxModel,
  step: Step,
  tokens: readonly number[],
  sources: { gate: Gate; ngrams: NgramTable },
): Continuation {
  const index = new CopyIndex(0);
  index.update(tokens);
  const prefilled = {
    run: tokens.length,
    from: "start",
    exact: true,
    distance: 0,
  } as const;
  const copies = { prefix: index, near: [index], far: [] };
  return new ModelContinuation(model, step, prefilled, copies, sources);
}
