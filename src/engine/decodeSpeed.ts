/** Number of undisturbed runs needed before the fastest of them counts as the model's speed. */
const enough = 32;
/** After these, one run of so many is watched: asking takes up to 0.1 ms where other threads run. */
const watchedOne = 8;

/** Milliseconds of runs of one token: a recent average, and the time on an undisturbed processor. */
export class DecodeSpeed {
  /** A moving average; 0 before the first run. */
  usual = 0;
  /** The least so far; Infinity before the first run. */
  fastest = Infinity;
  /** All runs, and those that were undisturbed. */
  private runs = 0;
  private undisturbedRuns = 0;
  private fastestUndisturbed = Infinity;

  /** The fastest undisturbed run; undefined until there were enough of them. */
  get undisturbed(): number | undefined {
    return this.undisturbedRuns < enough ? undefined : this.fastestUndisturbed;
  }

  /** Whether preemptions should be counted during the next run. */
  get isWatched(): boolean {
    return this.undisturbedRuns < enough || this.runs % watchedOne === 0;
  }

  /**
   * @param preemptions how often the system preempted a thread of the process during the run; 0 on
   *   systems that do not count this (Windows); undefined if the run was not watched
   */
  observe(ms: number, preemptions: number | undefined): void {
    this.runs++;
    this.usual = this.usual === 0 ? ms : 0.8 * this.usual + 0.2 * ms;
    this.fastest = Math.min(this.fastest, ms);
    if (preemptions !== 0) return;
    this.undisturbedRuns++;
    this.fastestUndisturbed = Math.min(this.fastestUndisturbed, ms);
  }
}

/** How often the system has preempted a thread of this process so far. */
export function preemptions(): number {
  return process.resourceUsage().involuntaryContextSwitches;
}
