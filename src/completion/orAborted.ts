/** Waits for `work` or an abort. @throws the signal's reason when it is aborted */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason as Error);
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    void work
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", aborted));
  });
}
