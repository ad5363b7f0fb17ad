import { setImmediate as yieldToEventLoop } from "node:timers/promises";

/** More than the caches hold; one piece blocks the event loop for some milliseconds. */
const bufferBytes = 48 << 20;
const pieceBytes = 8 << 20;

/**
 * Bytes that this machine's memory reads and writes in a second, measured by copying. The fastest
 * piece counts, since other work only makes copying slower.
 */
export async function measureBandwidth(): Promise<number> {
  const from = Buffer.alloc(bufferBytes, 1);
  const to = Buffer.alloc(bufferBytes, 2);
  let best = 0;
  for (let round = 0; round < 2; round++)
    for (let at = 0; at < bufferBytes; at += pieceBytes) {
      await yieldToEventLoop();
      const began = performance.now();
      from.copy(to, at, at, at + pieceBytes);
      const seconds = (performance.now() - began) / 1000;
      best = Math.max(best, (2 * pieceBytes) / seconds);
    }
  return best;
}
