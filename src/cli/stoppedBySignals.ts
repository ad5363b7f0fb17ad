/**
 * Aborted when the process is asked to end, so that what is half done is cleared up.
 *
 * @param reason what is said then
 */
export function stoppedBySignals(reason: string): AbortSignal {
  const cancel = new AbortController();
  const stop = () => cancel.abort(new Error(reason));
  // Not "once": the second Ctrl+C of somebody impatient must not end the clearing up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, stop);
  return cancel.signal;
}
