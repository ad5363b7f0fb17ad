/** Tensors written since the last collection. */
let written = 0;
/** A collection takes some milliseconds; small tensors are not worth one each. */
const worth = 32 << 20;

/**
 * Frees unused tensors, if the process was started with `--expose-gc`. Without this call V8 lets
 * more garbage accumulate than the memory that an import may use.
 */
export function collectGarbage(bytes = worth): void {
  written += bytes;
  if (written < worth) return;
  written = 0;
  (globalThis as { gc?: () => void }).gc?.();
}
