/** What a runner may be told at loading; each engine has settings of its own that are tried. */
export interface Settings {
  readonly threads: number;
  /** Ours: tokens a run takes at most when a long text is read. */
  readonly chunk?: number;
  /** llama.cpp: tokens of a batch, logical and physical (`n_batch`, `n_ubatch`). */
  readonly batchSize?: number;
  readonly flashAttention?: boolean;
}

/** An engine inside the process that is measured. */
export interface Runner {
  load(settings: Settings): Promise<void>;
  unload(): Promise<void>;
  /** Forgets everything, reads `tokens` and finds the most probable next one. */
  read(tokens: readonly number[]): Promise<void>;
  /** Reads one more token, and finds the next one: what is left to do while someone types. */
  append(token: number): Promise<void>;
  /** Generates `count` tokens greedily. */
  generate(count: number): Promise<void>;
}

/** What is measured at a time. */
export type Task =
  | { readonly kind: "read"; readonly tokens: number }
  | { readonly kind: "append" }
  | { readonly kind: "generate" };

export type Request =
  | { readonly load: Settings }
  | { readonly task: Task }
  | { readonly memory: true };

export interface Sample {
  /** Milliseconds: of a load, of reading all the tokens, of one token otherwise. */
  readonly ms: number;
  /** Processor milliseconds of the same. */
  readonly cpuMs: number;
  /**
   * How long the engine's threads were ready to run while something else had the processor, in
   * parts of the time that all took: an engine whose threads wait for each other loses far more by
   * it than that. NaN where the system does not tell.
   */
  readonly waitedShare: number;
}
