import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel, type LoadedModel } from "../../src/runtime/loadedModel";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";
import { openTokenizer } from "../../src/tokenizer/open";
import { torture, tortureTokens } from "./torture";

const bundled = join(__dirname, "../../media/model");

/** `npm run torture:state` does more. */
describe("tokens of a document that is edited at random", () => {
  it("are those of a fresh tokenisation", () => {
    const tokenizer = openTokenizer(bundled, {
      kind: "bpe",
      file: "tokenizer.json",
    });
    tortureTokens(tokenizer, { seed: 1, edits: 4000, size: 1500 });
  });
});

describe("states of documents that are edited at random", () => {
  let tiny: TinyModel;
  let loaded: LoadedModel;
  let folder: string;

  before(async () => {
    tiny = await makeTinyModel();
    loaded = await loadModel(tiny.folder, {
      threads: 1,
      memoryBudget: 1e9,
      signal: new AbortController().signal,
    });
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "states-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(async () => {
    await loaded.dispose();
    tiny.remove();
  });

  it("are those of a fresh prefill", async () => {
    const figures = await torture(loaded, {
      seed: 1,
      edits: 2500,
      compareEvery: 50,
      size: 600,
      idle: 0.03,
      budget: 24 * loaded.network.emptyState.bytes,
      folder,
      tolerance: 0,
    });
    assert.ok(figures.exact > 0.8 * figures.requests);
    assert.ok(figures.compared > 45);
    assert.ok(figures.aborted > 0);
  });

  it("are, bit for bit, those of a fresh prefill with matrices in 8 bits", async () => {
    const shipped = await loadModel(bundled, {
      threads: 2,
      memoryBudget: 1e9,
      signal: new AbortController().signal,
    });
    try {
      const figures = await torture(shipped, {
        seed: 3,
        edits: 300,
        compareEvery: 5,
        size: 300,
        idle: 0.1,
        budget: 24 * shipped.network.emptyState.bytes,
        folder,
        tolerance: 0,
      });
      assert.ok(figures.compared > 40);
    } finally {
      await shipped.dispose();
    }
  });

  it("are those of a fresh prefill in documents that are long for their budget", async () => {
    const figures = await torture(loaded, {
      seed: 2,
      edits: 60,
      compareEvery: 5,
      size: 8000,
      idle: 0.4,
      budget: 80 * loaded.network.emptyState.bytes,
      folder,
      tolerance: 0,
    });
    assert.ok(figures.compared > 0);
    assert.ok(figures.exact < figures.requests, "some are far from any state");
  });
}).timeout(300_000);
