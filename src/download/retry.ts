import { setTimeout as sleep } from "node:timers/promises";
import { DownloadError } from "./downloadError";

export interface RetryPolicy {
  /** Failures in a row, without anything having come, after which it ends. */
  readonly failures: number;
  /** The wait after the first of them; each further one doubles it, up to the longest. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

const defaultPolicy: RetryPolicy = {
  failures: 6,
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
};

/** For a list that a user waits for: without a network it fails after two seconds. */
export const impatientPolicy: RetryPolicy = {
  failures: 3,
  firstDelayMs: 500,
  longestDelayMs: 5000,
};

/** A server that asks for a longer wait is not waited for. */
const longestRetryAfterMs = 10 * 60_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly policy?: RetryPolicy | undefined;
  /** Told before each wait. */
  readonly onWait?: ((ms: number, error: DownloadError) => void) | undefined;
  /** How far the work is, in whatever unit: a failure after something has come counts as the first. */
  readonly progress?: () => number;
}

/**
 * Repeats what fails for the moment.
 *
 * @throws the last failure when it stays
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

/** Never less than the server asked for; else at random, so that many clients do not come at once. */
function delay(
  failures: number,
  retryAfterMs: number | undefined,
  { firstDelayMs, longestDelayMs }: RetryPolicy,
): number {
  const most = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.max(retryAfterMs ?? 0, most * (0.5 + Math.random() / 2));
}
