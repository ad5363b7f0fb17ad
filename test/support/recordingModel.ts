import type { LanguageModel, State, Step } from "../../src/engine/model";

/** A model of which one sees what it is made to run. */
export class RecordingModel implements LanguageModel {
  /** Tokens run so far. */
  ran = 0;
  /** What the last step has given. */
  lastStep: Step | undefined;
  /** Called before each run. */
  onRun: () => void = () => undefined;

  /** @param nextRunLength how long the next run may be, in tokens */
  constructor(
    private readonly model: LanguageModel,
    private readonly nextRunLength: () => number,
  ) {}

  get vocabularySize(): number {
    return this.model.vocabularySize;
  }

  get vectorWidth(): number | undefined {
    return this.model.vectorWidth;
  }

  get emptyState(): State {
    return this.model.emptyState;
  }

  get msPerToken(): number {
    return this.model.msPerToken;
  }

  get runLength(): number {
    return this.nextRunLength();
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read?: readonly number[],
    neighbours?: Uint8Array,
  ): Promise<Step> {
    this.note(tokens);
    this.lastStep = await this.model.step(tokens, state, read, neighbours);
    return this.lastStep;
  }

  advance(tokens: ArrayLike<number>, state: State): Promise<State> {
    this.note(tokens);
    return this.model.advance(tokens, state);
  }

  dispose(): Promise<void> {
    return this.model.dispose();
  }

  private note(tokens: ArrayLike<number>): void {
    this.ran += tokens.length;
    this.onRun();
  }
}
