import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import { readManifest } from "../../src/models/package/modelPackage";
import { openTokenizer } from "../../src/tokenizer/open";
import { encode } from "../../src/tokenizer/tokenizer";
import { median } from "../engine/sample";
import { percentile } from "../percentile";
import { Engine } from "../server/engine";
import type { Script } from "./scriptedNetwork";

/** Milliseconds between two keys, and those that an editor waits before it asks. */
const keyMs = 150;
const askMs = 50;
/** A pause after every fifth key, in which an editor asks again once there is more. */
const pauseEvery = 5;
const pauseMs = 500;
const againMs = 100;
const keys = 150;

const root = join(__dirname, "../..");

export interface Typed {
  /** Until the answer to the first request, from the start of the process. */
  readonly suggestionMs: number;
  /** Share of the keys that had an answer before the next one. */
  readonly answered: number;
  /** Median of the milliseconds that those answers took, from the request; null without any. */
  readonly answerMs: number | null;
  /** Median of the tokens that were there at the end of a pause. */
  readonly tokens: number;
}

/**
 * Types at the end of a file of code, with a model that writes a given text: at every key another one,
 * which is not what is typed, so that each key needs the model.
 *
 * @param folder of the model's package
 */
export async function typeWithPauses(folder: string): Promise<Typed> {
  const server = join(__dirname, "server.ts");
  const engine = new Engine({ settings: { suggestions: "often" } }, [
    "-r",
    "tsx/cjs",
    server,
    folder,
  ]);
  try {
    // A comment: it is parsed like code, and any text fits there.
    let text = `${readFileSync(__filename, "utf8")}\n// `;
    const typing = prose("docs/state.md").slice(200);
    const writing = prose("docs/rwkv.md");
    const script = (n: number) => {
      let from = (n * 131) % (writing.length - 200);
      while (writing[from] === typing[n]) from++;
      const toWrite = writing.slice(from, from + 150);
      const told: Script = { typed: text, toWrite };
      return engine.connection.sendNotification("bench/script", told);
    };
    await script(0);
    const { suggestionMs } = await engine.start(text, "automatic");
    // What the first suggestion has set off comes to its end.
    await sleep(5000);
    const answers: number[] = [];
    const atPauses: string[] = [];
    for (let n = 0; n < keys; n++) {
      const isPause = n % pauseEvery === pauseEvery - 1;
      const next = performance.now() + (isPause ? pauseMs : keyMs);
      await engine.type(typing[n]!);
      text += typing[n]!;
      await script(n + 1);
      await sleep(askMs);
      const source = new CancellationTokenSource();
      const asked = performance.now();
      let shown: string | undefined;
      const ask = async () => {
        while (!source.token.isCancellationRequested) {
          const suggestion = await engine.suggestion("automatic", source.token);
          const ms = performance.now() - asked;
          if (shown === undefined && ms <= keyMs - askMs) answers.push(ms);
          shown = suggestion;
          await sleep(againMs);
        }
      };
      const asking = ask().catch(() => undefined);
      await sleep(next - performance.now());
      if (isPause) atPauses.push(shown ?? "");
      source.cancel();
      await asking;
    }
    const tokensIn = tokenCounter(folder);
    return {
      suggestionMs,
      answered: answers.length / keys,
      answerMs: percentile(answers, 0.5),
      tokens: median(atPauses.map(tokensIn)),
    };
  } finally {
    engine.stop();
  }
}

/** Prose without line ends. */
function prose(name: string): string {
  return readFileSync(join(root, name), "utf8")
    .replace(/[^\x20-\x7e\n]/g, "")
    .replace(/\s+/g, " ");
}

function tokenCounter(folder: string): (text: string) => number {
  const tokenizer = openTokenizer(folder, readManifest(folder).tokenizer);
  return (text) => encode(tokenizer, Buffer.from(text)).length;
}
