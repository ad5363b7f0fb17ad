import { setTimeout as sleep } from "node:timers/promises";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import { median } from "../engine/sample";
import type { Engine } from "../server/engine";

/** Milliseconds between two keys, and those that an editor waits before it asks. */
const keyMs = 150;
const askMs = 50;
const keys = 100;
const pauseMs = 500;
const pauses = 20;

/** What is typed: nothing of it is what the network would write, or stands anywhere to be copied. */
const typed =
  "const total = items.filter((item) => item.price > least).length;\n" +
  "export function parseHeader(bytes: Uint8Array): Header | undefined {\n";

export interface Typed {
  /** Share of the keys that had an answer before the next one. */
  readonly answered: number;
  /** Median of the tokens that were there after a pause. */
  readonly tokens: number;
}

/** Types at the end of the engine's document: keys without a pause, then a pause after each of some. */
export async function typeWithPauses(engine: Engine): Promise<Typed> {
  let at = 0;
  const key = () => engine.type(typed[at++]!);
  let answered = 0;
  for (let n = 0; n < keys; n++) {
    await key();
    await sleep(askMs);
    const source = new CancellationTokenSource();
    let isThere = false;
    engine.suggestion("automatic", source.token).then(
      () => (isThere = true),
      () => undefined,
    );
    await sleep(keyMs - askMs);
    answered += Number(isThere);
    source.cancel();
  }
  const tokens: number[] = [];
  for (let n = 0; n < pauses; n++) {
    // Where no name is begun: which one it is would depend on what the network knows.
    await engine.type(`\nconst value${n} = `);
    await sleep(askMs);
    const before = engine.events.length;
    await Promise.race([askOnce(engine), sleep(pauseMs - askMs)]);
    tokens.push(
      Math.max(
        0,
        ...engine.events
          .slice(before)
          .map((event) =>
            "timings" in event ? event.timings.decodeTokens : 0,
          ),
      ),
    );
  }
  return { answered: answered / keys, tokens: median(tokens) };
}

/** Asks, and after that for as long as the pause lasts whether there is more. */
async function askOnce(engine: Engine): Promise<void> {
  const end = performance.now() + pauseMs - askMs;
  while (performance.now() < end) {
    await engine.suggestion("automatic");
    await sleep(100);
  }
}
