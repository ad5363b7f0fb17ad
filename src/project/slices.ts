/** Longest run in milliseconds. */
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

  /** Waits for the next run if the present one has lasted long enough. Call it every few ms at least. */
  async next(): Promise<void> {
    if (performance.now() - this.start < mostMs) return;
    await this.turn();
    this.check();
    this.start = performance.now();
  }
}
