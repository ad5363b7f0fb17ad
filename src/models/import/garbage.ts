/** Tensors written since the last collection. */
let written = 0;
/** A collection takes some milliseconds; small tensors are not worth one each. */
const worth = 32 << 20;

/**
 * Frees tensors that are done with at once, where the process has been started with `--expose-gc`.
 * By itself V8 waits until much more has come together than an import may use.
 */
export function collectGarbage(bytes = worth): void {
  written += bytes;
  if (written < worth) return;
  written = 0;
  (globalThis as { gc?: () => void }).gc?.();
}
