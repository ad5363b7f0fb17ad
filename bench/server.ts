/**
 * What the engine process costs, `npm run -s bench:server`, on Linux: milliseconds from its start to
 * a model that is ready and to the first suggestion, processor time of an idle minute, and what the
 * process of a further window takes. Prints one line of JSON; the server built last is measured.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "./percentile";
import { Engine, type Started } from "./server/engine";

/** Ends where a suggestion is due. */
const text = `${readFileSync(__filename, "utf8")}\nconst names = process.arg`;
const starts = 5;
const idleMs = 60_000;

async function main(): Promise<void> {
  const times: Started[] = [];
  for (let n = 0; n < starts; n++) {
    const engine = new Engine();
    const started = await engine.start(text);
    if (started.suggestion === "") throw new Error("nothing was suggested");
    times.push(started);
    engine.stop();
  }
  const median = (values: number[]) => percentile(values, 0.5);

  const first = new Engine();
  await first.start(text);
  await sleep(2000);
  const before = first.cpuSeconds;
  await sleep(idleMs);
  const idleCpuSeconds = first.cpuSeconds - before;
  const alone = first.memory;
  const second = new Engine();
  await second.start(text);
  await sleep(2000);
  const furtherWindowMb =
    first.memory.ownShareMb + second.memory.ownShareMb - alone.ownShareMb;
  first.stop();
  second.stop();
  console.log(
    JSON.stringify({
      readyMs: median(times.map(({ readyMs }) => readyMs)),
      suggestionMs: median(times.map(({ suggestionMs }) => suggestionMs)),
      idleSeconds: idleMs / 1000,
      idleCpuSeconds,
      windowMb: alone.ownShareMb,
      furtherWindowMb,
    }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
