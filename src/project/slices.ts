/** Milliseconds of work between two looks at what else there is to do. */
const mostMs = 10;

/** Cuts work into runs of at most some milliseconds. */
export class Slices {
  private start = -Infinity;

  /**
   * @param turn resolves when the next run may start
   * @throws whatever `turn` or `check` throws
   */
  constructor(
    private readonly turn: () => Promise<void>,
    private readonly check: () => void,
  ) {}

  /** Ends the run if its time is over. To be called at least every few milliseconds. */
  async next(): Promise<void> {
    if (performance.now() - this.start < mostMs) return;
    await this.turn();
    this.check();
    this.start = performance.now();
  }
}
