/** Takes the place of `performance.now`: time passes only when a test says so. */
export class FakeClock {
  private ms = 0;

  constructor() {
    Object.defineProperty(performance, "now", {
      value: () => this.ms,
      configurable: true,
    });
  }

  advance(ms: number): void {
    this.ms += ms;
  }

  /** The real clock goes on. */
  restore(): void {
    Reflect.deleteProperty(performance, "now");
  }
}
