/** What to do after the engine's process has ended by itself; `delay` is in milliseconds. */
export type Verdict = { restart: true; delay: number } | { restart: false };

/**
 * Decides whether and when an engine that has ended is started again: after 1, 3 and 9 seconds, then no
 * more. Only the last five minutes count, so that rare crashes do not add up.
 */
export class RestartPolicy {
  private deaths: number[] = [];

  /**
   * @param delays milliseconds before each new start
   * @param window milliseconds after which the end of an engine no longer counts
   */
  constructor(
    private readonly delays: readonly number[] = [1000, 3000, 9000],
    private readonly window = 5 * 60_000,
  ) {}

  /** @param now milliseconds of a monotonic clock */
  died(now: number): Verdict {
    this.deaths = this.deaths.filter((at) => now - at < this.window);
    const delay = this.delays[this.deaths.length];
    this.deaths.push(now);
    return delay === undefined ? { restart: false } : { restart: true, delay };
  }

  /** Forgets all ends, since the user has asked for a start. */
  reset(): void {
    this.deaths = [];
  }
}
