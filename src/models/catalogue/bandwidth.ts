import { setImmediate as yieldToEventLoop } from "node:timers/promises";

/** Size of each buffer in bytes: more than the caches of a processor hold. */
const bufferBytes = 48 << 20;
/** Bytes copied at a time: the copy blocks the event loop for some milliseconds. */
const pieceBytes = 8 << 20;

/**
 * Measures the bandwidth of this machine's memory by copying a buffer. Of all pieces the fastest
 * counts, since other programs can only slow a copy down.
 *
 * @returns bytes read plus bytes written, per second
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
