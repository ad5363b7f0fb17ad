/** What to do after the engine process has ended without being asked to. */
export type Verdict = { restart: true; delay: number } | { restart: false };

/**
 * Decides how often a dead engine is started again: after 1, 3 and 9 seconds, then no more. After
 * an engine has run for a while, all tries are available again, so that rare crashes do not add up.
 */
export class RestartPolicy {
  private deaths: number[] = [];

  constructor(
    private readonly delays: readonly number[] = [1000, 3000, 9000],
    private readonly window = 5 * 60_000,
  ) {}

  /** @param now milliseconds of any steady clock */
  died(now: number): Verdict {
    this.deaths = this.deaths.filter((at) => now - at < this.window);
    const delay = this.delays[this.deaths.length];
    this.deaths.push(now);
    return delay === undefined ? { restart: false } : { restart: true, delay };
  }

  /** The user asked for a start: all tries are available again. */
  reset(): void {
    this.deaths = [];
  }
}
