/**
 * Works something out once the answer to the present request has been written, and tells it. The library
 * writes a message in the turn of the event loop after the one in which it is sent.
 *
 * @param work may throw
 * @param tell is given what `work` returned, or undefined and what it threw; it may throw, too, if the
 *   connection has been closed by then
 */
export function afterAnswer<T>(
  work: () => T,
  tell: (result: T | undefined, error?: unknown) => void,
): void {
  setImmediate(() =>
    setImmediate(() => {
      let told: [result: T | undefined, error?: unknown];
      try {
        told = [work()];
      } catch (error) {
        told = [undefined, error];
      }
      try {
        tell(...told);
      } catch {
        // The client has gone, so there is nobody to tell.
      }
    }),
  );
}
