/** Milliseconds over which the speed is averaged; a mean over the whole time would lag behind. */
const windowMs = 10_000;

const betweenMs = 200;

/** Measures the speed of a download and estimates the remaining time. */
export class Rate {
  private samples: { ms: number; bytes: number }[] = [];

  /** @param now milliseconds, for tests */
  constructor(
    private readonly total: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param bytes that are here */
  update(bytes: number): void {
    const ms = this.now();
    const last = this.samples.at(-1);
    // What was here before the first call did not come now; fewer bytes are a new start.
    if (last !== undefined && bytes < last.bytes) this.samples = [];
    const beforeLast = this.samples.at(-2);
    if (beforeLast !== undefined && ms - beforeLast.ms < betweenMs)
      this.samples.pop();
    this.samples.push({ ms, bytes });
    while (this.samples.length > 2 && this.samples[0]!.ms < ms - windowMs)
      this.samples.shift();
  }

  /** Bytes a second, and seconds until all are here; undefined until that can be told. */
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
