import { setImmediate as yieldToEventLoop } from "node:timers/promises";

/** More than caches hold, in pieces of some milliseconds: nobody else waits for longer. */
const bufferBytes = 48 << 20;
const pieceBytes = 8 << 20;

/**
 * How many bytes this machine's memory moves in a second, read and written, by copying some: the best
 * piece counts, since whatever disturbs makes it slower.
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
