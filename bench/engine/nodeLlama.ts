import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Runner, Settings } from "./runner";

/** As much of node-llama-cpp as is used here; it is too large to depend on. */
export interface LlamaSequence {
  readonly nextTokenIndex: number;
  adaptStateToTokens(tokens: readonly number[]): Promise<void>;
  clearHistory(): Promise<void>;
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncGenerator<number, void, void>;
}
export interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}
export interface LlamaModel {
  createContext(options: {
    contextSize: number;
    batchSize: number;
    threads: number;
    flashAttention?: boolean;
  }): Promise<LlamaContext>;
  dispose(): Promise<void>;
}
interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
}
interface LlamaModule {
  getLlama: (options: object) => Promise<Llama>;
  LlamaLogLevel: { error: string };
}

/** Where node-llama-cpp is: below the folder in NODE_LLAMA_CPP, or here. */
export function nodeLlamaModule(): string | undefined {
  const from = join(process.env.NODE_LLAMA_CPP ?? process.cwd(), "x.js");
  try {
    return createRequire(from).resolve("node-llama-cpp");
  } catch {
    return undefined;
  }
}

/** @param module what `nodeLlamaModule` has found */
export async function openLlama(module: string): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = (await import(
    pathToFileURL(module).href
  )) as LlamaModule;
  return getLlama({
    gpu: false,
    build: "never",
    logLevel: LlamaLogLevel.error,
    // Else threads are fewer than asked for where the library counts fewer cores.
    maxThreads: 0,
  });
}

const contextSize = 8192;

/** llama.cpp as an extension would use it: through node-llama-cpp, its generator as the loop. */
export class NodeLlama implements Runner {
  private llama: Llama | undefined;
  private model: LlamaModel | undefined;
  private context: LlamaContext | undefined;
  private sequence: LlamaSequence | undefined;
  private last = 0;

  constructor(
    private readonly module: string,
    private readonly path: string,
  ) {}

  async load(settings: Settings): Promise<void> {
    this.llama ??= await openLlama(this.module);
    this.model = await this.llama.loadModel({ modelPath: this.path });
    this.context = await this.model.createContext({
      contextSize,
      batchSize: settings.batchSize ?? 512,
      threads: settings.threads,
      flashAttention: settings.flashAttention ?? false,
    });
    this.sequence = this.context.getSequence();
  }

  async unload(): Promise<void> {
    await this.context?.dispose();
    await this.model?.dispose();
    this.context = this.model = undefined;
  }

  async read(tokens: readonly number[]): Promise<void> {
    await this.sequence!.clearHistory();
    await this.evaluate(tokens, 1);
  }

  append(token: number): Promise<void> {
    return this.evaluate([token], 1);
  }

  generate(count: number): Promise<void> {
    return this.evaluate([this.last], count);
  }

  private async evaluate(
    tokens: readonly number[],
    count: number,
  ): Promise<void> {
    const options = { temperature: 0, yieldEogToken: true };
    for await (const token of this.sequence!.evaluate(tokens, options)) {
      this.last = token;
      if (--count === 0) break;
    }
  }
}
