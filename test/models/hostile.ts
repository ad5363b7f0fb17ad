import { importModel } from "../support/importModel";
import { loadModel } from "../../src/runtime/loadedModel";

/** What a process is asked to do with a file that may be hostile. */
export interface HostileRequest {
  /** A model package to load, */
  folder?: string;
  /** or a checkpoint to import into `out`. */
  source?: string;
  tokenizer?: string;
  out: string;
}

export interface HostileAnswer {
  /** Why it was refused; empty if it was not. */
  refusal: string;
  isSentence: boolean;
  ms: number;
  /** Most memory of the process so far, and before the file, in bytes. */
  peak: number;
  before: number;
}

const peak = () => process.resourceUsage().maxRSS * 1024;

async function use(request: HostileRequest): Promise<void> {
  const { signal } = new AbortController();
  if (request.folder !== undefined) {
    const options = { threads: 1, memoryBudget: 1e6, signal };
    await (await loadModel(request.folder, options)).dispose();
    return;
  }
  await importModel(request.source!, request.out, {
    quantisation: "none",
    ...(request.tokenizer !== undefined && { tokenizer: request.tokenizer }),
    signal,
  });
}

async function answer(request: HostileRequest): Promise<HostileAnswer> {
  const before = peak();
  const began = performance.now();
  let refusal = "";
  let isSentence = false;
  try {
    await use(request);
  } catch (error) {
    refusal = (error as Error).message;
    isSentence =
      (error as Error).name === "ModelError" && !refusal.includes("\n");
  }
  const ms = performance.now() - began;
  return { refusal, isSentence, ms, peak: peak(), before };
}

/** A process of its own, one file at a time: it may hang, or take all memory. */
process.on("message", (request: HostileRequest) => {
  void answer(request).then((result) => process.send!(result));
});
process.send!("ready");
