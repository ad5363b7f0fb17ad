/**
 * Runs something once the answer to the present request has been written. The library writes a message
 * in the turn of the event loop after the one in which it is sent.
 *
 * @param run may throw if the connection has been closed by then
 */
export function afterAnswer(run: () => void): void {
  setImmediate(() =>
    setImmediate(() => {
      try {
        run();
      } catch {
        // The client has gone, so there is nobody to tell.
      }
    }),
  );
}
