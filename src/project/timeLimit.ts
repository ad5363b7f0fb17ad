/** A file operation took longer than its limit. It may still be going on in the background. */
export class TimeLimitError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = "TimeLimitError";
  }
}

/**
 * The result of a file operation, which a network folder may block for ever.
 *
 * @param what names the operation in the error
 * @throws TimeLimitError after `ms` milliseconds; the operation itself cannot be stopped
 */
export function withTimeLimit<T>(
  operation: Promise<T>,
  ms: number,
  what: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new TimeLimitError(what, ms));
    }, ms);
    operation.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
