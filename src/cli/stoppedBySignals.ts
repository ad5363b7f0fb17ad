/**
 * A signal that is aborted when the process is asked to end (Ctrl+C, `kill`, a closed terminal), so that
 * unfinished work can be cleaned up.
 *
 * @param reason the message of the error that it is aborted with
 */
export function stoppedBySignals(reason: string): AbortSignal {
  const cancel = new AbortController();
  const stop = () => cancel.abort(new Error(reason));
  // Not "once": a second Ctrl+C must not end the process during the clean-up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, stop);
  return cancel.signal;
}
