export interface HeartbeatOptions {
  /** Sends a request to the engine; any answer is a sign of life, an error as well. */
  ping: () => Promise<unknown>;
  /** Called once, when the engine has been silent for too long. */
  onSilent: () => void;
  /** Milliseconds between two checks. */
  tickMs?: number;
  /** Number of checks in a row with an unanswered ping after which the engine counts as silent. */
  mostMissed?: number;
}

/**
 * Detects an engine that hangs, for instance in native code that blocks its event loop. Loading a model
 * may block it for many seconds, so it has a minute to answer.
 *
 * It counts checks, not time: while this process is blocked or the machine sleeps, it makes none.
 */
export class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private missed = 0;
  private isWaiting = false;

  constructor(private readonly options: HeartbeatOptions) {
    const { tickMs = 5000 } = options;
    this.timer = setInterval(() => this.check(), tickMs);
    // The timer alone must not keep this process alive.
    this.timer.unref();
  }

  /** Ends the checks: the engine has ended, or is about to. */
  stop(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const { ping, onSilent, mostMissed = 12 } = this.options;
    if (!this.isWaiting) {
      this.missed = 0;
      this.isWaiting = true;
      const answered = () => (this.isWaiting = false);
      ping().then(answered, answered);
    } else if (++this.missed >= mostMissed) {
      this.stop();
      onSilent();
    }
  }
}
