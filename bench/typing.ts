/**
 * How a model of the official 0.1B shape keeps up with a typist, `npm run -s bench:typing`: one key
 * every 150 ms, and a pause of half a second after every fifth. The request comes 50 ms after the key,
 * as the editor sends it, and is answered in time if the answer is there before the next key.
 *
 * The weights are random and what is written is given (`typing/scriptedNetwork.ts`): at every key
 * another text, which the typist does not write, so that each key needs the model. Prints one line
 * of JSON.
 */
import { readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import type { RequestEvent } from "../src/protocol";
import { percentile } from "./percentile";
import { modelReady, startEngine } from "./startEngine";

const keyMs = 150;
const pauseMs = 500;
const editorMs = 50;
const pauseEvery = 5;

const root = join(__dirname, "..");
const uri = "file:///work/typed.ts";

/** Prose without line ends. */
function prose(name: string): string {
  return readFileSync(join(root, name), "utf8")
    .replace(/[^\x20-\x7e\n]/g, "")
    .replace(/\s+/g, " ");
}

interface Answer {
  readonly items: readonly { readonly insertText: string }[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keys: { type: "string", default: "150" },
      budget: { type: "string", default: "auto" },
      shape: { type: "string", default: "0.1B" },
    },
  });
  const timeBudget = values.budget === "auto" ? "auto" : Number(values.budget);
  const server = join(__dirname, "typing", "server.ts");
  const { process: child, connection } = startEngine([
    "-r",
    "tsx/cjs",
    server,
    values.shape,
  ]);
  const ready = modelReady(connection);
  const generated = new Set<number>();
  let lastId = 0;
  let isLonger: () => void = () => undefined;
  const reasons: Record<string, number> = {};
  connection.onNotification("rwkv/request", (event: RequestEvent) => {
    if (event.kind === "lengthened" && event.id === lastId) isLonger();
    if (!("reason" in event)) return;
    lastId = event.id;
    const ended = [event.reason, event.stop].filter(Boolean).join(": ");
    reasons[ended] = (reasons[ended] ?? 0) + 1;
    if (event.timings.decodeTokens > 0) generated.add(event.id);
  });
  connection.onNotification(
    "window/logMessage",
    ({ type, message }: { type: number; message: string }) => {
      if (type < 3) console.error(message);
    },
  );
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: {
      notifications: true,
      settings: { timeBudget, suggestions: "often" },
    },
  });
  await connection.sendNotification("initialized", {});

  // Comments at the end of a file of code: parsed like it, and any text fits there.
  let text = `${readFileSync(join(__dirname, "server.ts"), "utf8")}\n// `;
  let version = 1;
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "typescript", version, text },
  });
  await ready;
  await sleep(5000);

  const typing = prose("docs/state.md").slice(200);
  const writing = prose("docs/rwkv.md");
  const times: number[] = [];
  const first: string[] = [];
  const atPauses: string[] = [];
  let inTime = 0;
  const keys = Number(values.keys);
  const waitedBefore = waited(child.pid!);
  for (let n = 0; n < keys; n++) {
    const isPause = n % pauseEvery === pauseEvery - 1;
    const next = performance.now() + (isPause ? pauseMs : keyMs);
    const key = typing[n]!;
    const position = positionAt(text);
    await connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: ++version },
      contentChanges: [
        { range: { start: position, end: position }, text: key },
      ],
    });
    text += key;
    let from = (n * 131) % (writing.length - 200);
    while (writing[from] === typing[n + 1]) from++;
    const toWrite = writing.slice(from, from + 150);
    await connection.sendNotification("bench/script", { typed: text, toWrite });
    await sleep(editorMs);
    const source = new CancellationTokenSource();
    let shown: string | undefined;
    const ask = async () => {
      const began = performance.now();
      const { items } = await connection.sendRequest<Answer>(
        "textDocument/inlineCompletion",
        {
          textDocument: { uri },
          position: positionAt(text),
          context: { triggerKind: 2 },
        },
        source.token,
      );
      if (shown === undefined) {
        times.push(performance.now() - began);
        if (performance.now() - (next - (isPause ? pauseMs : keyMs)) < keyMs)
          inTime++;
        first.push(items[0]?.insertText ?? "");
      }
      shown = items[0]?.insertText ?? "";
    };
    const asked = ask().catch(() => undefined);
    // As the client has the editor ask again.
    isLonger = () =>
      void sleep(editorMs)
        .then(ask)
        .catch(() => undefined);
    await sleep(next - performance.now());
    isLonger = () => undefined;
    if (isPause) atPauses.push(shown ?? "");
    source.cancel();
    await asked;
  }
  const share = waited(child.pid!) - waitedBefore;
  const count = async (texts: string[]) => {
    const counts: number[] = [];
    for (const each of texts) {
      const { tokens } = await connection.sendRequest<{ tokens: number }>(
        "bench/figures",
        { text: each },
      );
      counts.push(tokens);
    }
    return counts.length > 0 ? percentile(counts, 0.5) : 0;
  };
  const { msPerToken } = await connection.sendRequest<{ msPerToken: number }>(
    "bench/figures",
    { text: "" },
  );
  console.log(
    JSON.stringify({
      shape: values.shape,
      timeBudget,
      keys,
      reasons,
      generated: generated.size,
      answeredInTime: inTime / keys,
      answerMs: [0.5, 0.95].map((p) => percentile(times, p)),
      tokensFirst: await count(first.filter((each) => each !== "")),
      tokensAtPauses: await count(atPauses),
      msPerToken: Number(msPerToken.toFixed(1)),
      waitedSeconds: Number(share.toFixed(1)),
      load: Number(loadavg()[0]!.toFixed(1)),
    }),
  );
  connection.dispose();
  child.kill();
}

/** Seconds that the threads of a process have waited for a processor, on Linux; else NaN. */
function waited(pid: number): number {
  try {
    const folder = `/proc/${pid}/task`;
    const waits = readdirSync(folder).map((task) =>
      Number(
        readFileSync(join(folder, task, "schedstat"), "utf8").split(" ")[1],
      ),
    );
    return waits.reduce((sum, ns) => sum + ns, 0) / 1e9;
  } catch {
    return NaN;
  }
}

/** The end of a text. */
function positionAt(text: string): { line: number; character: number } {
  const lines = text.split("\n");
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
