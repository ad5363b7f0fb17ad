import assert from "node:assert/strict";
import { suffixAfterLine } from "../../src/completion/context";
import { heal } from "../../src/completion/healing";
import type { Step } from "../../src/engine/model";
import type { Neighbours } from "../../src/engine/neighbourGate";
import { greedy, seededRandom } from "../../src/engine/sampling";
import type { LoadedModel } from "../../src/runtime/loadedModel";
import {
  ModelContinuation,
  type Continuation,
} from "../../src/runtime/continuation";
import { CopyIndex } from "../../src/copying/copyIndex";
import { maxPrefillTokens } from "../../src/state/checkpoints";
import { vectorReach } from "../../src/state/tokenVectors";
import { Runtime } from "../../src/runtime/runtime";
import { StateStore } from "../../src/state/stateStore";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { RandomEdits } from "../support/randomEdits";
import { RecordingModel } from "../support/recordingModel";
import { someModel } from "../support/states";
import { TortureDocument } from "../support/tortureDocument";

const never = new AbortController().signal;
const documents = 3;
const savedBytes = 4 * 1024 * 1024;

export interface TortureOptions {
  seed: number;
  edits: number;
  /** Every so many edits the state is compared with that of a fresh prefill. */
  compareEvery: number;
  /** Documents grow to about so many UTF-16 units. */
  size: number;
  /** How often there is time to read ahead before a request, 0 … 1. */
  idle: number;
  /** Bytes for all documents. */
  budget: number;
  /** States are saved here. */
  folder: string;
  /** What the documents start with. */
  text?: string;
  /** The largest difference of logits that passes. */
  tolerance: number;
}

export interface TortureFigures {
  compared: number;
  /** Of those compared, how many came from where. */
  from: Record<string, number>;
  /** Requests and how many of them had an exact state. */
  requests: number;
  exact: number;
  aborted: number;
  /** The most tokens that a request ran. */
  mostRun: number;
  /** Of the logits, where they were compared. */
  largestDifference: number;
}

/**
 * Edits documents at random, as the server does it, and compares tokens, states and what can be
 * copied with those of a fresh start.
 *
 * @throws Error that names the seed and the edit
 */
export async function torture(
  loaded: LoadedModel,
  options: TortureOptions,
): Promise<TortureFigures> {
  const run = new Torture(loaded, options);
  let edit = 0;
  try {
    await run.start();
    while (++edit <= options.edits)
      await run.step(edit % options.compareEvery === 0);
  } catch (error) {
    throw new Error(`seed ${options.seed}, edit ${edit}: ${String(error)}`, {
      cause: error,
    });
  }
  return run.figures;
}

/**
 * Edits a document at random and compares its tokens at random places with a fresh tokenisation.
 *
 * @throws Error that names the seed and the edit
 */
export function tortureTokens(
  tokenizer: Tokenizer,
  { seed, edits, size }: { seed: number; edits: number; size: number },
): void {
  const random = seededRandom(seed);
  const source = new RandomEdits(random, size);
  const document = new TortureDocument("tokens", tokenizer, [], "");
  for (let edit = 1; edit <= edits; edit++) {
    changeDocument(document, source);
    try {
      document.tokensBefore(document.cursor);
    } catch (error) {
      throw new Error(`seed ${seed}, edit ${edit}: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

/** An edit, an edit taken back or made again, or a move. */
function changeDocument(document: TortureDocument, edits: RandomEdits): void {
  const kind = edits.below(100);
  if (kind < 8) document.undo();
  else if (kind < 13) document.redo();
  else if (kind < 93) document.edit(edits.next(document.text, document.cursor));
  if (kind >= 80) document.cursor = edits.below(document.text.length + 1);
}

class Torture {
  readonly figures: TortureFigures = {
    compared: 0,
    from: {},
    requests: 0,
    exact: 0,
    aborted: 0,
    mostRun: 0,
    largestDifference: 0,
  };
  private readonly random: () => number;
  private readonly edits: RandomEdits;
  private readonly model: RecordingModel;
  private readonly documents: TortureDocument[];
  private cache!: Runtime;

  constructor(
    private readonly loaded: LoadedModel,
    private readonly options: TortureOptions,
  ) {
    const { seed, size, text = "" } = options;
    this.random = seededRandom(seed);
    this.edits = new RandomEdits(this.random, size);
    this.model = new RecordingModel(
      loaded.network,
      () => 1 + this.edits.below(64),
    );
    this.documents = Array.from({ length: documents }, (_, i) => {
      const start = loaded.documentStart(`src/${i}.ts`);
      return new TortureDocument(`${i}`, loaded.tokenizer, start, text);
    });
  }

  /** A cache that knows nothing but what was saved, as in a new process. */
  async start(): Promise<void> {
    const { tokenizer, sources } = this.loaded;
    const { emptyState } = this.model;
    const [{ start }] = this.documents as [TortureDocument];
    this.cache = new Runtime(this.model, {
      ...sources,
      tokenizer,
      budgetBytes: this.options.budget,
      startLength: () => start.length,
      store: await StateStore.open(this.options.folder, {
        model: someModel,
        emptyState,
        vectorWidth: this.model.vectorWidth,
        limit: savedBytes,
      }),
    });
  }

  async step(isCompared: boolean): Promise<void> {
    const { edits } = this;
    const document = this.documents[edits.chance(0.9) ? 0 : edits.below(3)]!;
    changeDocument(document, edits);
    const end = document.text.length;
    if (edits.chance(this.options.idle)) {
      await this.readAhead(document, document.cursor);
      if (edits.chance(0.3)) await this.readAhead(document, end);
    }
    if (edits.chance(0.01))
      await this.cache.save(document.key, new AbortController().signal);
    if (edits.chance(0.003)) await this.close(document);
    if (edits.chance(0.001)) await this.restart();

    // What is tokenised for another place must not disturb what follows.
    if (edits.chance(0.05)) document.tokensBefore(edits.below(end + 1));
    const tokens = document.tokensBefore(document.cursor);
    const prompt = heal(
      this.loaded.tokenizer,
      tokens,
      document.start.length,
    ).tokens;
    const suffix = suffixAfterLine(document.text, document.cursor);
    const others = this.documents
      .filter((other) => other !== document)
      .map(({ key }) => key);
    if (edits.chance(0.03))
      await this.giveUp((signal) =>
        this.cache.prefill(document.key, prompt, signal, { suffix, others }),
      );

    const ran = this.model.ran;
    const continuation = await this.cache.prefill(
      document.key,
      prompt,
      never,
      isCompared ? { suffix } : { suffix, others },
    );
    this.note(continuation, this.model.ran - ran);
    if (isCompared && continuation.prefilled.exact)
      await this.compare(continuation, prompt, suffix);
    if (edits.chance(0.1)) await this.generate(continuation);
    this.checkBudget();
  }

  private async readAhead(
    document: TortureDocument,
    offset: number,
  ): Promise<void> {
    const tokens = document.tokensBefore(offset);
    const suffix = suffixAfterLine(document.text, offset);
    const read = (signal: AbortSignal) =>
      this.cache.readAhead(document.key, tokens, signal, suffix);
    if (this.edits.chance(0.5)) await this.giveUp(read);
    else await read(never);
    this.checkBudget();
  }

  /** Starts some work and aborts it after a few runs of the network. */
  private async giveUp(
    work: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const abort = new AbortController();
    const reason = new Error("given up");
    let left = this.edits.below(6);
    this.model.onRun = () => {
      if (left-- === 0) abort.abort(reason);
    };
    try {
      await work(abort.signal);
    } catch (error) {
      if (error !== reason) throw error;
      this.figures.aborted++;
    } finally {
      this.model.onRun = () => undefined;
    }
  }

  private async close(document: TortureDocument): Promise<void> {
    if (this.edits.chance(0.7))
      await this.cache.save(document.key, new AbortController().signal);
    this.cache.forget(document.key);
    document.reopen();
  }

  private async restart(): Promise<void> {
    for (const document of this.documents) {
      await this.cache.save(document.key, new AbortController().signal);
      document.reopen();
    }
    await this.start();
  }

  private async generate(continuation: Continuation): Promise<void> {
    for (let n = this.edits.below(5); n >= 0; n--)
      await continuation.push(greedy(continuation.next()));
  }

  private note({ prefilled }: Continuation, ran: number): void {
    const { figures } = this;
    assert.equal(prefilled.run, ran, "tokens that were run");
    assert.ok(ran <= maxPrefillTokens, `${ran} tokens were run`);
    figures.mostRun = Math.max(figures.mostRun, ran);
    figures.requests++;
    if (prefilled.exact) figures.exact++;
    const isNear = prefilled.distance < maxPrefillTokens;
    assert.equal(prefilled.exact, isNear, "exact where there is a state near");
  }

  private checkBudget(): void {
    const { usedBytes, budgetBytes: budget } = this.cache;
    assert.ok(usedBytes <= budget, `${usedBytes} bytes of ${budget}`);
  }

  private async compare(
    continuation: Continuation,
    tokens: readonly number[],
    suffix: string,
  ): Promise<void> {
    const { figures, loaded } = this;
    const { sources } = loaded;
    const { logits } = this.model.lastStep!;
    const mixed = continuation.next();
    const { fresh, neighbours } = await this.read(tokens);
    const difference = greatestDifference(logits, fresh.logits);
    figures.compared++;
    const { from } = continuation.prefilled;
    figures.from[from] = (figures.from[from] ?? 0) + 1;
    figures.largestDifference = Math.max(figures.largestDifference, difference);

    // Copying: the same indexes, made from nothing, have to give the same mixture.
    const before = new CopyIndex(sources.firstText);
    before.update(tokens);
    const after = new SuffixIndex(loaded.tokenizer, sources.firstText);
    after.update(suffix);
    const expected = new ModelContinuation(
      this.model,
      { ...fresh, logits, hidden: this.model.lastStep!.hidden },
      continuation.prefilled,
      { prefix: before, near: [before, after.index], far: [] },
      { ...sources, neighbours },
    ).next();
    assert.deepEqual(mixed, expected, "what is copied or alike");

    const { tolerance } = this.options;
    assert.ok(difference <= tolerance, `logits differ by ${difference}`);
  }

  /** Reads tokens from the start, 64 at once, and the last one or two for their logits. */
  private async read(
    tokens: readonly number[],
  ): Promise<{ fresh: Step; neighbours: Neighbours | undefined }> {
    const { network } = this.loaded;
    let state = network.emptyState;
    const last = tokens.length - 1;
    const end = last - (last % 2);
    const made: Uint8Array[] = [];
    for (let at = 0; at < end; at += 64) {
      const run = tokens.slice(at, Math.min(at + 64, end));
      const step = await network.step(run, state, []);
      ({ state } = step);
      made.push(step.vectors ?? new Uint8Array(0));
    }
    const { vectorWidth: width } = network;
    const start = Math.max(0, end - vectorReach);
    const neighbours = width !== undefined && {
      vectors: Buffer.concat(made).subarray(start * width),
      next: Int32Array.from(tokens.slice(start + 1, end + 1)),
      own: end - start,
    };
    return {
      fresh: await network.step(
        tokens.slice(end),
        state,
        undefined,
        neighbours ? neighbours.vectors : undefined,
      ),
      neighbours: neighbours || undefined,
    };
  }
}

function greatestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce(
    (greatest, value, i) => Math.max(greatest, Math.abs(value - b[i]!)),
    0,
  );
}
