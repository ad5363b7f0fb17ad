import { join } from "node:path";
import type { LoadedModel, LoadOptions } from "../runtime/loadedModel";
import { processBytesPerCountedByte } from "../runtime/runtime";
import { detailOf, type Message } from "../messages";
import { ModelError } from "../models/modelError";
import { mebibyte, mebibytes } from "../text/bytes";
import type { LoadingProgress } from "./loadingProgress";
import { orAborted } from "../completion/orAborted";
import type { Status } from "./status";

export type LoadModel = (
  folder: string,
  options: LoadOptions,
) => Promise<LoadedModel>;

export interface ModelsOptions {
  readonly load: LoadModel;
  readonly threads: number;
  /** Bytes for the states and indexes of all files with all models; weights are not included. */
  readonly memoryBudget: number;
  readonly bundledModel: string;
  /** Folder in which states are saved; empty: they are not. */
  readonly statesPath: string;
  /** Folder of further models, one folder each; empty: none. */
  readonly modelsPath: string;
  readonly status: Status;
  readonly progress: LoadingProgress;
  /** Called once for each failure. */
  readonly onFailure: (message: string, told?: Message) => void;
  readonly onLoaded: (name: string, model: LoadedModel, ms: number) => void;
}

/** Least bytes for the states of a second or later model; with fewer it is not loaded. */
const leastForStates = 16 * mebibyte;
/** Number of states that must fit: the one before the cursor, and the next one while it is computed. */
const leastStates = 2;

type Slot =
  | {
      readonly state: "loading";
      readonly done: Promise<void>;
      readonly abort: AbortController;
    }
  | { readonly state: "ready"; readonly model: LoadedModel }
  | { readonly state: "failed"; readonly told: Message };

/** The models by the names that settings give them. Each is loaded when it is first needed. */
export class Models {
  private readonly slots = new Map<string, Slot>();
  /** Models are loaded one after the other, so that each knows how much memory is left. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly options: ModelsOptions) {}

  /** The model, or why it cannot be used now. The first call starts to load it. */
  get(name: string): LoadedModel | "model loading" | "model failed" {
    const slot = this.slots.get(name) ?? this.startLoading(name);
    if (slot.state === "ready") return slot.model;
    return slot.state === "loading" ? "model loading" : "model failed";
  }

  /**
   * The model once it is loaded.
   *
   * @throws ModelError whose message is one sentence that says why it cannot be loaded
   * @throws the signal's reason when it is aborted
   */
  async ready(name: string, signal: AbortSignal): Promise<LoadedModel> {
    this.get(name);
    for (;;) {
      const slot = this.slots.get(name);
      signal.throwIfAborted();
      if (slot === undefined)
        throw new ModelError({ code: "model not in use", args: [name] });
      if (slot.state === "ready") return slot.model;
      if (slot.state === "failed") throw new ModelError(slot.told);
      await orAborted(slot.done, signal);
    }
  }

  /**
   * The folder of a model by the name that settings give it, whether it exists or not.
   *
   * @throws ModelError if the name cannot be that of a model
   */
  folderOf(name: string): string {
    if (name === "bundled") return this.options.bundledModel;
    // The name is that of one folder, so that no setting can point outside the models folder.
    if (!/^[^/\\:\0]+$/.test(name) || name === "." || name === "..") {
      throw new ModelError({ code: "no model name", args: [name] });
    }
    if (this.options.modelsPath === "") {
      throw new ModelError({ code: "no models folder", args: [name] });
    }
    return join(this.options.modelsPath, name);
  }

  /** Folder of further models; empty: none. */
  get modelsPath(): string {
    return this.options.modelsPath;
  }

  /** The model if it is loaded; does not load it. */
  ifLoaded(name: string): LoadedModel | undefined {
    const slot = this.slots.get(name);
    return slot?.state === "ready" ? slot.model : undefined;
  }

  /** Frees a model. Nothing may be running on it. */
  async drop(name: string): Promise<void> {
    const slot = this.slots.get(name);
    if (slot === undefined) return;
    this.remove(name);
    await free(slot);
  }

  /** All models that are loaded. */
  loaded(): LoadedModel[] {
    return this.loadedByName().map(([, model]) => model);
  }

  /** All models that are loaded, each with the name that settings give it. */
  loadedByName(): [name: string, model: LoadedModel][] {
    return [...this.slots].flatMap(([name, slot]) =>
      slot.state === "ready" ? [[name, slot.model]] : [],
    );
  }

  /** The loaded models whose names are not in `names`. */
  unused(names: ReadonlySet<string>): LoadedModel[] {
    return [...this.slots].flatMap(([name, slot]) =>
      slot.state === "ready" && !names.has(name) ? slot.model : [],
    );
  }

  /** Forgets failures, so that the next need tries again. */
  forgetFailures(): void {
    for (const [name, slot] of this.slots) {
      if (slot.state === "failed") this.remove(name);
    }
  }

  /** Frees the models whose names are not in `names`. Nothing may be running on them. */
  async retain(names: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.slots.keys()]) {
      if (!names.has(name)) await this.drop(name);
    }
  }

  private startLoading(name: string): Slot {
    const abort = new AbortController();
    this.options.status.modelLoading(name, 0);
    const done = this.queue.then(() => this.load(name, abort.signal));
    this.queue = done;
    const slot: Slot = { state: "loading", done, abort };
    this.slots.set(name, slot);
    return slot;
  }

  /** Never rejects: an error is kept in the slot. */
  private async load(name: string, signal: AbortSignal): Promise<void> {
    const { options } = this;
    const began = performance.now();
    const progress = options.progress.begin(name);
    try {
      signal.throwIfAborted();
      const folder = this.folderOf(name);
      const memoryBudget = this.shareFor(name);
      const model = await options.load(folder, {
        threads: options.threads,
        memoryBudget,
        statesPath: options.statesPath || undefined,
        signal,
        onProgress: (share) => {
          if (signal.aborted) return;
          options.status.modelLoading(name, share);
          progress.report(share);
        },
      });
      if (signal.aborted) return await model.dispose();
      const needed = leastStates * bytesOfStates(model);
      if (memoryBudget < needed) {
        await model.dispose();
        throw this.tooLittle(name, needed);
      }
      this.slots.set(name, { state: "ready", model });
      this.shareOut();
      options.status.modelReady(name, model.description, model.told);
      options.onLoaded(name, model, performance.now() - began);
    } catch (error) {
      if (signal.aborted) return;
      const { message, told } = asModelError(error);
      this.slots.set(name, { state: "failed", told });
      options.status.modelFailed(name, message, told);
      options.onFailure(message, told);
    } finally {
      progress.end();
    }
  }

  /**
   * Bytes for the states of a further model. The budget holds the states of all models, in equal
   * shares; weights come on top, those of each model once.
   */
  private shareFor(name: string): number {
    const { memoryBudget } = this.options;
    const others = this.loaded();
    const share = Math.floor(memoryBudget / (others.length + 1));
    // The loaded models have to keep enough bytes for their states, too.
    const needed = Math.max(
      leastForStates,
      ...others.map((other) => leastStates * bytesOfStates(other)),
    );
    if (others.length > 0 && share < needed) throw this.tooLittle(name, needed);
    return share;
  }

  /** The error for a model whose states need more bytes than its share. */
  private tooLittle(name: string, needed: number): ModelError {
    const { memoryBudget } = this.options;
    const others = this.loaded();
    const budget = mebibytes(memoryBudget);
    if (others.length === 0)
      return new ModelError({
        code: "too little memory for states",
        args: [name, mebibytes(needed), budget],
      });
    return new ModelError({
      code: "too little memory",
      args: [
        name,
        mebibytes(needed),
        others.map((other) => `"${other.name}"`).join(", "),
        budget,
        mebibytes(memoryBudget / (others.length + 1)),
      ],
    });
  }

  /** Sets each model's share of the memory, after one was loaded or freed. */
  private shareOut(): void {
    const models = this.loaded();
    const share = Math.floor(this.options.memoryBudget / models.length);
    for (const { runtime } of models) runtime.budgetBytes = share;
  }

  /**
   * What memory is used for, in words: "weights: rwkv-code 9 MiB; states: up to 256 MiB, which hold at
   * most 400 of rwkv-code (rwkv.memoryBudget)".
   */
  memoryText(): string {
    const models = this.loaded();
    const weights = models.map(
      ({ name, weightBytes }) => `${name} ${mebibytes(weightBytes)} MiB`,
    );
    const { memoryBudget } = this.options;
    const each =
      models.length > 1
        ? `, ${mebibytes(memoryBudget / models.length)} MiB a model`
        : "";
    const holds = models.map((model) => {
      const states = memoryBudget / models.length / bytesOfStates(model);
      return `${Math.floor(states)} of ${model.name}`;
    });
    return `weights: ${weights.join(", ")}; states: up to ${mebibytes(memoryBudget)} MiB${each}, which hold at most ${holds.join(", ")} (rwkv.memoryBudget)`;
  }

  private remove(name: string): void {
    this.slots.delete(name);
    this.shareOut();
    this.options.status.modelGone(name);
  }
}

/** Bytes of the budget that one state of a model takes. */
function bytesOfStates({ network }: LoadedModel): number {
  return processBytesPerCountedByte * network.emptyState.bytes;
}

/** Frees a model; one that is being loaded is freed when loading ends. */
async function free(slot: Slot): Promise<void> {
  if (slot.state === "loading")
    slot.abort.abort(
      new ModelError({ code: "model no longer used", args: [] }),
    );
  if (slot.state === "ready") await slot.model.dispose();
}

/** An error as a ModelError, whose message is a sentence for the user. */
function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError({ code: "model not loaded", args: [detailOf(error)] });
}
