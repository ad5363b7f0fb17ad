import { setTimeout as sleep } from "node:timers/promises";
import { DownloadError } from "./downloadError";

export interface RetryPolicy {
  /** Number of failures in a row, without progress between them, after which no further try is made. */
  readonly failures: number;
  /** The longest wait after the first failure. Each further failure doubles it, up to `longestDelayMs`. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

const defaultPolicy: RetryPolicy = {
  failures: 6,
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
};

/** For a list that the user is waiting for: without a network it fails within two seconds. */
export const impatientPolicy: RetryPolicy = {
  failures: 3,
  firstDelayMs: 500,
  longestDelayMs: 5000,
};

/** The longest wait that a server may request; if it requests more, the failure is final. */
const longestRetryAfterMs = 10 * 60_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly policy?: RetryPolicy | undefined;
  /** Called before each wait, with its milliseconds and the failure. */
  readonly onWait?: ((ms: number, error: DownloadError) => void) | undefined;
  /** How far the work is, in any unit. A failure after progress counts as the first one again. */
  readonly progress?: () => number;
}

/**
 * Calls `attempt` again after each temporary failure, with a wait before each try.
 *
 * @throws the last failure, if it is not temporary or no tries are left
 * @throws the signal's reason when it is aborted
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { signal, policy = defaultPolicy, onWait, progress } = options;
  let failures = 0;
  let farthest = progress?.() ?? 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadError) || !error.failure.isTemporary)
        throw error;
      const now = progress?.() ?? 0;
      failures = now > farthest ? 1 : failures + 1;
      farthest = Math.max(farthest, now);
      const ms = delay(failures, error.failure.retryAfterMs, policy);
      if (failures >= policy.failures || ms > longestRetryAfterMs) throw error;
      onWait?.(ms, error);
      await sleep(ms, undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

/** Milliseconds to wait: random, so that many clients do not ask at once, but at least what the server requests. */
function delay(
  failures: number,
  retryAfterMs: number | undefined,
  { firstDelayMs, longestDelayMs }: RetryPolicy,
): number {
  const most = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.max(retryAfterMs ?? 0, most * (0.5 + Math.random() / 2));
}
