import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportModel } from "../../src/models/export/exportModel";
import {
  nodeLlamaModule,
  openLlama,
  type LlamaContext,
  type LlamaModel,
  type LlamaSequence,
} from "../engine/nodeLlama";
import type { Sample } from "./editedFile";

const training = join(__dirname, "../../training");
/** More than any prompt of ours. */
const contextSize = 160_000;

/**
 * The bundled network in llama.cpp, without our gate. It keeps one sequence and asks its own
 * `adaptStateToTokens` how much of it a new prompt can go on from.
 */
export class Llama {
  private constructor(
    private readonly model: LlamaModel,
    private readonly context: LlamaContext,
    private readonly sequence: LlamaSequence,
  ) {}

  /** @returns undefined where node-llama-cpp is not installed (`NODE_LLAMA_CPP`) */
  static async load(): Promise<Llama | undefined> {
    const path = nodeLlamaModule();
    const weights = join(training, "weights", "model.safetensors");
    if (path === undefined || !existsSync(weights)) return undefined;
    const folder = join(tmpdir(), "rwkv-bench");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "state.gguf");
    await exportModel(weights, file, {
      type: "q8_0",
      tokenizer: join(training, "tokenizer.json"),
    });
    const llama = await openLlama(path);
    const model = await llama.loadModel({ modelPath: file });
    const context = await model.createContext({
      contextSize,
      batchSize: 512,
      threads: 0,
    });
    return new Llama(model, context, context.getSequence());
  }

  /** Forgets all, as when the process ends. */
  forget(): Promise<void> {
    return this.sequence.clearHistory();
  }

  /** Milliseconds to the first token after a prompt, and the tokens that were run for it. */
  async request(tokens: readonly number[]): Promise<Sample> {
    const { sequence } = this;
    const began = performance.now();
    // The last token is run in any case: its logits are what is asked for.
    await sequence.adaptStateToTokens(tokens.slice(0, -1));
    const rest = tokens.slice(sequence.nextTokenIndex);
    const options = { temperature: 0, yieldEogToken: true };
    for await (const _ of sequence.evaluate(rest, options)) break;
    return { ms: performance.now() - began, run: rest.length, exact: true };
  }

  async dispose(): Promise<void> {
    await this.context.dispose();
    await this.model.dispose();
  }
}
