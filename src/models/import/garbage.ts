/** Bytes of tensors written since the last collection. */
let written = 0;
/** Bytes after which a collection runs. It takes some milliseconds, too many for each small tensor. */
const collectionBytes = 32 << 20;

/**
 * Frees unused tensors once 32 MiB have been written, if the process was started with `--expose-gc`.
 * Left alone, V8 would let more garbage accumulate than the memory that an import may use.
 *
 * @param bytes written since the last call; by default enough to collect now
 */
export function collectGarbage(bytes = collectionBytes): void {
  written += bytes;
  if (written < collectionBytes) return;
  written = 0;
  (globalThis as { gc?: () => void }).gc?.();
}
