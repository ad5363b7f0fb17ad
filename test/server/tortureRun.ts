/**
 * Tortures the server for a while, beyond what the test suite has time for: a process of its own with
 * fake models, or the packaged one with the bundled model.
 *
 *     npm run torture:server -- [--minutes N] [--seed S] [--model fake|bundled]
 *
 * Each round has a seed of its own, which is printed; half of the rounds copy, half hold each answer
 * against its text. It stops with the first answer that does not fit, that shows what is excluded, or
 * that does not come, and with a process that grows beyond 900 MB.
 */
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { ServerTorture } from "./torture";

/** Bytes beyond which the process has a leak; the bundled model takes a third of them. */
const maxBytes = 900e6;
const stepsPerRound = 3000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    model: { type: "string", default: "fake" },
  },
});

interface Round {
  readonly line: string;
  readonly bytes: number;
}

async function round(seed: number): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "rwkv-torture-"));
  mkdirSync(join(folder, "work"));
  writeFileSync(join(folder, "work", ".env"), "");
  symlinkSync(join(folder, "work", ".env"), join(folder, "work", "link.ts"));
  const isFake = values.model === "fake";
  const copies = !isFake || seed % 2 === 0;
  const root = join(__dirname, "../..");
  const args = isFake
    ? [
        "-r",
        "tsx/cjs",
        join(__dirname, "../support/fakeServer.ts"),
        "--stdio",
        `--fake=${JSON.stringify({ texts: [], torture: copies ? "copies" : "checks" })}`,
      ]
    : ["-r", "tsx/cjs", join(root, "src/server/main.ts"), "--stdio"];
  const server = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const ended = new Promise<never>((_, reject) =>
    server.once("exit", (code) =>
      reject(new Error(`the server ended with ${code}`)),
    ),
  );
  ended.catch(() => undefined);
  const torture = new ServerTorture(
    { connection, stream: server.stdin },
    { seed, folder, checks: !copies },
  );
  try {
    await torture.start({ bundledModel: join(root, "media/model") });
    await Promise.race([torture.run(stepsPerRound), ended]);
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    const bytes = 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0);
    const { answered, suggested, checked, slowestCancel } = torture;
    return {
      bytes,
      line:
        `${answered} requests answered, ${suggested} suggestions, ${checked} held against their text, ` +
        `a cancellation took ${slowestCancel.toFixed(0)} ms at most, ${(bytes / 1e6).toFixed(0)} MB at most`,
    };
  } finally {
    connection.dispose();
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const end = Date.now() + 60_000 * Number(values.minutes);
  let steps = 0;
  for (let seed = Number(values.seed); Date.now() < end; seed++) {
    try {
      const { line, bytes } = await round(seed);
      steps += stepsPerRound;
      console.log(`seed ${seed}: ${line}`);
      if (bytes > maxBytes) throw new Error("the process has grown too far");
    } catch (error) {
      console.error(`seed ${seed}:`, error);
      process.exit(1);
    }
  }
  console.log(`${steps} steps, nothing found`);
}

void main();
