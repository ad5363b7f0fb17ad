import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { importModel } from "../support/importModel";
import { encodeFp32 } from "../../src/models/formats/encode";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import { openModelPackage } from "../support/openModelPackage";
import { MemoryWeights } from "../models/formats/writers/memoryWeights";
import { randomModel, smallSize } from "../models/formats/writers/randomModel";

/** Runs for each way to end it; the full run is `KILLS=50`. */
const kills = Number(process.env.KILLS ?? 1);
const never = new AbortController().signal;

/** Ids of the processes that a process has started. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-e", "-o", "pid=,ppid="], {
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/ +/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([id]) => id!);
}

describe("rwkv-import", function () {
  this.timeout(60_000 + kills * 30_000);
  let root: string;
  let source: string;
  let models: string;
  let out: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), "rwkv-import-kill-"));
    source = join(root, "model.safetensors");
    models = join(root, "models");
    out = join(models, "new");
    const size = {
      ...smallSize,
      layers: 6,
      width: 256,
      ffn: 1024,
      vocabulary: 256,
    };
    const weights = new MemoryWeights(randomModel("7", size));
    writeSafetensors(source, weights, encodeFp32);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const ways: Record<string, (pid: number) => Promise<void>> = {
    "by Ctrl+C twice": async (pid) => {
      process.kill(pid, "SIGINT");
      await sleep(5);
      process.kill(pid, "SIGINT");
    },
    // As a terminal does it: all of them get it.
    "by Ctrl+C for the child, too": (pid) => {
      for (const each of [...childrenOf(pid), pid])
        process.kill(each, "SIGINT");
      return Promise.resolve();
    },
    "by SIGHUP": (pid) => Promise.resolve(void process.kill(pid, "SIGHUP")),
    "by SIGTERM": (pid) => Promise.resolve(void process.kill(pid, "SIGTERM")),
    "by SIGKILL": (pid) => Promise.resolve(void process.kill(pid, "SIGKILL")),
    "by SIGKILL of its child": (pid) => {
      for (const each of childrenOf(pid)) process.kill(each, "SIGKILL");
      return Promise.resolve();
    },
  };
  for (const [way, stop] of Object.entries(ways)) {
    it(`that is stopped ${way} leaves the old or the new model, whole, and nothing else`, async function () {
      if (process.platform === "win32") this.skip();
      const began = performance.now();
      const whole = await import_("old");
      const usual = performance.now() - began;
      for (let run = 0; run < kills; run++) {
        const entry = join(__dirname, "../../src/cli/import.ts");
        const args = [source, "--out", out, "--name", "new"];
        const child = spawn(
          process.execPath,
          ["-r", "tsx/cjs", entry, ...args],
          { stdio: "ignore" },
        );
        const ended = once(child, "exit");
        while (child.exitCode === null && readdirSync(models).length < 2)
          await sleep(2);
        await sleep(usual * 1.2 * ((run + 0.5) / kills));
        if (child.exitCode === null) {
          try {
            await stop(child.pid!);
          } catch (error) {
            // It was faster.
            assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
          }
        }
        await ended;
        // Where the parent was killed, its child clears up a moment later.
        for (let i = 0; i < 400 && readdirSync(models).length > 1; i++)
          await sleep(25);
        assert.deepEqual(readdirSync(models), ["new"]);
        const { name } = await openModelPackage(out, never);
        assert.ok(name === "old" || name === "new", name);
        assert.equal(readdirSync(out).length, whole);
      }
    });
  }

  it("is one of two that run at a time, whole, and nothing else", async () => {
    await import_("old");
    const entry = join(__dirname, "../../src/cli/import.ts");
    const ends = ["first", "second"].map(async (name) => {
      const args = [source, "--out", out, "--name", name];
      const child = spawn(process.execPath, ["-r", "tsx/cjs", entry, ...args], {
        stdio: "ignore",
      });
      return (await once(child, "exit"))[0] as number;
    });
    assert.deepEqual(await Promise.all(ends), [0, 0]);
    assert.deepEqual(readdirSync(models), ["new"]);
    const { name } = await openModelPackage(out, never);
    assert.ok(name === "first" || name === "second", name);
  });

  /** Makes the model that is there before. @returns the number of its files */
  async function import_(name: string): Promise<number> {
    await importModel(source, out, {
      quantisation: "int8",
      name,
      signal: never,
    });
    assert.ok(existsSync(out));
    return readdirSync(out).length;
  }
});
