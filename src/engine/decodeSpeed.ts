/** Undisturbed runs after which the fastest of them is taken for the model's speed. */
const enough = 32;

/** Milliseconds that runs of one token take: lately, and when nothing else runs. */
export class DecodeSpeed {
  /** A moving average; 0 before the first run. */
  usual = 0;
  /** The least so far; Infinity before the first run. */
  fastest = Infinity;
  private runs = 0;
  private fastestUndisturbed = Infinity;

  /** The fastest run that nothing has disturbed; undefined until there were enough of them. */
  get undisturbed(): number | undefined {
    return this.runs < enough ? undefined : this.fastestUndisturbed;
  }

  /**
   * @param preemptions how often the system took the processor from a thread of the process
   *   meanwhile; 0 where it does not count that (Windows)
   */
  observe(ms: number, preemptions: number): void {
    this.usual = this.usual === 0 ? ms : 0.8 * this.usual + 0.2 * ms;
    this.fastest = Math.min(this.fastest, ms);
    if (preemptions > 0) return;
    this.runs++;
    this.fastestUndisturbed = Math.min(this.fastestUndisturbed, ms);
  }
}

/** How often the system has taken the processor from a thread of this process so far. */
export function preemptions(): number {
  return process.resourceUsage().involuntaryContextSwitches;
}
