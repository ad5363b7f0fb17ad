import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Heartbeat } from "../../src/client/heartbeat";

describe("heartbeat", () => {
  const tickMs = 5;

  /** Runs a heartbeat over these answers, the last of which is never given. */
  function silentAfter(
    answers: ("yes" | "no")[],
    mostMissed: number,
  ): Promise<number> {
    let pings = 0;
    return new Promise((resolve) => {
      new Heartbeat({
        ping: () => {
          const answer = answers[pings++];
          if (answer === undefined) return new Promise(() => undefined);
          return answer === "yes"
            ? Promise.resolve(null)
            : Promise.reject(new Error("not now"));
        },
        onSilent: () => resolve(pings),
        tickMs,
        mostMissed,
      });
      // The heartbeat alone keeps no process alive, but this test waits for it.
      setTimeout(() => undefined, 1000);
    });
  }

  it("goes on while pings are answered, refusals included, and tells silence once", async () => {
    assert.equal(await silentAfter([], 1), 1);
    assert.equal(await silentAfter(["yes", "no", "yes"], 3), 4);
  });

  it("forgets a late answer's delay", async () => {
    let answer = () => {};
    let pings = 0;
    let silent = 0;
    const heartbeat = new Heartbeat({
      ping: () => {
        pings++;
        return new Promise<void>((resolve) => (answer = resolve));
      },
      onSilent: () => silent++,
      tickMs,
      mostMissed: 10,
    });
    const until = (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => (condition() ? resolve() : setTimeout(look, 1));
        look();
      });
    for (const wanted of [1, 2, 3]) {
      await until(() => pings === wanted);
      assert.equal(silent, 0);
      answer();
    }
    await until(() => silent > 0);
    heartbeat.stop();
    assert.equal(silent, 1);
  });

  it("is silent when it was stopped", async () => {
    const heartbeat = new Heartbeat({
      ping: () => new Promise(() => undefined),
      onSilent: () => assert.fail("it was stopped"),
      tickMs: 1,
      mostMissed: 1,
    });
    heartbeat.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("notices a process whose event loop stands still, so that it can be ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rwkv-heartbeat-"));
    try {
      const program = join(folder, "engine.js");
      // Answers three times, then hangs as it would in native code.
      writeFileSync(
        program,
        `let left = 3;
         process.on("message", () => {
           if (left-- === 0) for (;;);
           process.send("here");
         });
         process.send("ready");`,
      );
      const engine = fork(program);
      const ended = once(engine, "exit");
      await once(engine, "message");
      let answers = 0;
      const heartbeat = new Heartbeat({
        ping: async () => {
          engine.send("ping");
          await once(engine, "message");
          answers++;
        },
        onSilent: () => engine.kill("SIGKILL"),
        tickMs: 50,
        mostMissed: 20,
      });
      const [, signal] = (await ended) as [unknown, string];
      heartbeat.stop();
      assert.equal(signal, "SIGKILL");
      assert.equal(answers, 3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
