/** Milliseconds over which the speed is averaged: a mean over the whole time would follow changes slowly. */
const windowMs = 10_000;

/** Least milliseconds between two samples that are kept. */
const betweenMs = 200;

/** Measures the speed of a download and estimates the remaining time. */
export class Rate {
  private samples: { ms: number; bytes: number }[] = [];

  /** @param now milliseconds, for tests */
  constructor(
    private readonly total: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param bytes downloaded so far */
  update(bytes: number): void {
    const ms = this.now();
    const last = this.samples.at(-1);
    // Fewer bytes than before: the file was emptied, and the download has started anew.
    if (last !== undefined && bytes < last.bytes) this.samples = [];
    const beforeLast = this.samples.at(-2);
    if (beforeLast !== undefined && ms - beforeLast.ms < betweenMs)
      this.samples.pop();
    this.samples.push({ ms, bytes });
    while (this.samples.length > 2 && this.samples[0]!.ms < ms - windowMs)
      this.samples.shift();
  }

  /**
   * The speed over the window, and the time until all bytes are downloaded; undefined in the first second
   * and while no bytes come.
   */
  get(): { bytesPerSecond: number; secondsLeft: number } | undefined {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const seconds = (this.now() - first.ms) / 1000;
    const bytes = last.bytes - first.bytes;
    if (seconds < 1 || bytes <= 0) return undefined;
    const bytesPerSecond = bytes / seconds;
    return {
      bytesPerSecond,
      secondsLeft: (this.total - last.bytes) / bytesPerSecond,
    };
  }
}
