import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../src/engine/sampling";
import { loadModel } from "../../src/runtime/loadedModel";
import { mebibyte } from "../../src/text/bytes";
import { EditedFile } from "./editedFile";
import { forgetSources, sourceBehind, sourceText } from "./sources";

/** What a long day leaves in memory. */
export interface Memory {
  files: number;
  keystrokes: number;
  /** The most that the cache has held, and what it may. */
  usedMb: number;
  budgetMb: number;
  /** The most that the process had, and the bound: weights × 1.3 + budget + 120 MB + text. */
  rssMb: number;
  boundMb: number;
}

const filesOpen = 200;
const longFiles = 4;
const keystrokes = 50_000;
/** Keystrokes in one file before the next. */
const stay = 40;
/** Milliseconds: a tenth of what people take. */
const betweenKeys = 10;

/**
 * Opens 200 files, four of them with 100,000 lines, and types for a day without its pauses: 40 keys
 * at a place, then another file or another place, where there is half a second to read.
 *
 * @param share of the keystrokes
 */
export async function measureMemory(
  budgetMb: number,
  share: number,
): Promise<Memory> {
  const loaded = await loadModel(join(__dirname, "../../media/model"), {
    threads: 0,
    memoryBudget: budgetMb * mebibyte,
    signal: new AbortController().signal,
  });
  const { runtime, weightBytes } = loaded;
  const random = seededRandom(1);
  const open = Array.from({ length: filesOpen }, (_, i) => {
    const lines = i < longFiles ? 100_000 : Math.floor(20 + 1500 * random());
    return new EditedFile(loaded, `src/${i}.js`, sourceText(lines, i));
  });
  const keys = [...sourceBehind(100)];
  forgetSources();
  const wanted = Math.round(keystrokes * share);
  let used = 0;
  for (let n = 0; n < wanted;) {
    // Some files are worked on more than others.
    const file = open[Math.floor(filesOpen * random() ** 2)]!;
    file.moveTo(Math.floor(random() * file.text.length));
    await file.rest(500);
    for (let i = 0; i < stay; i++, n++) {
      await sleep(betweenKeys);
      await file.type(keys[n % keys.length]!);
      used = Math.max(used, runtime.usedBytes);
    }
  }
  const text = open.reduce((sum, file) => sum + file.text.length, 0);
  await loaded.dispose();
  return {
    files: filesOpen,
    keystrokes: wanted,
    usedMb: Math.round(used / mebibyte),
    budgetMb,
    rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    boundMb: Math.round((1.3 * weightBytes + text) / mebibyte + budgetMb + 120),
  };
}
