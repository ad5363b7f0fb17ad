export interface HeartbeatOptions {
  /** Asks the engine for a sign of life; how it is answered does not matter. */
  ping: () => Promise<unknown>;
  /** Called once, when the engine has been silent for too long. */
  onSilent: () => void;
  /** Milliseconds between two looks. */
  tickMs?: number;
  /** Looks in a row at which a ping is still unanswered. */
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
    // It keeps no process alive.
    this.timer.unref();
  }

  /** The engine has ended, or is about to. */
  stop(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const { ping, onSilent, mostMissed = 12 } = this.options;
    if (!this.isWaiting) {
      this.missed = 0;
      this.isWaiting = true;
      const answered = () => (this.isWaiting = false);
      // An error response is a sign of life, too.
      ping().then(answered, answered);
    } else if (++this.missed >= mostMissed) {
      this.stop();
      onSilent();
    }
  }
}
