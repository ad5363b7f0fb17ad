import { setTimeout as pause } from "node:timers/promises";
import type { Sample } from "./runner";

/** Share of the time that an engine may wait for a processor while it is measured. */
const tolerated = 0.05;
const attempts = 3;
const waitMs = 1000;

/** Takes samples again that other programs have disturbed, and counts those that were all the same. */
export class Disturbances {
  samples = 0;
  disturbed = 0;

  /** @param budgetMs for waiting and repeating, so that a busy machine does not take all day */
  constructor(private budgetMs: number) {}

  async undisturbed(take: () => Promise<Sample>): Promise<Sample> {
    this.samples++;
    let best: Sample | undefined;
    for (let attempt = 1; ; attempt++) {
      const began = performance.now();
      const sample = await take();
      // On systems without that figure (NaN) every sample counts as undisturbed.
      if (!(sample.waitedShare > tolerated)) return sample;
      if (best === undefined || sample.waitedShare < best.waitedShare)
        best = sample;
      if (attempt === attempts || this.budgetMs <= 0) {
        this.disturbed++;
        return best;
      }
      await pause(waitMs);
      this.budgetMs -= performance.now() - began;
    }
  }
}
