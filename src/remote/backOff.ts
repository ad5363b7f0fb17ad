/** Milliseconds after the first failure, and after many. */
const firstMs = 1000;
const longestMs = 60_000;

/** When something that failed may be tried again: after each failure in a row the wait doubles. */
export class BackOff {
  private failures = 0;
  private notBefore = 0;

  /** @param now milliseconds on any clock that does not go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get isWaiting(): boolean {
    return this.now() < this.notBefore;
  }

  /** Whether the last try failed. */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  failed(): void {
    const ms = Math.min(longestMs, firstMs * 2 ** this.failures++);
    this.notBefore = this.now() + ms;
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
