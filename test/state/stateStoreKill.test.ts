import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { openStore, stateAt, tokens } from "../support/saveStates";

/** `KILLS=500` is what is run before a release. */
const kills = Number(process.env.KILLS ?? 10);

describe("StateStore in a process that is killed", () => {
  it(`has whole states only after each of ${kills} kills`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "states-"));
    const program = join(folder, "saveStates.js");
    await build({
      entryPoints: [join(__dirname, "../support/saveStates.ts")],
      bundle: true,
      platform: "node",
      outfile: program,
    });
    let states = 0;
    let unfinished = 0;
    for (let i = 0; i < kills; i++) {
      const child = spawn(
        process.execPath,
        [program, "--save-until-killed", folder],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(child.stdout, "data");
      await sleep(Math.random() * 20);
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;

      const names = await readdir(folder);
      unfinished += names.filter((name) => name.endsWith(".partial")).length;
      const store = await openStore(folder);
      const positions = store.positions();
      assert.equal(
        positions.length,
        names.filter((name) => name.endsWith(".state")).length,
      );
      for (const position of positions) {
        const state = await store.load(position, position, tokens);
        assert.deepEqual(state, stateAt(position));
      }
      const left = await readdir(folder);
      assert.equal(left.length, positions.length + 1, left.join());
      states += positions.length;
    }
    assert.ok(states > 0);
    if (kills >= 100) {
      console.log(`${states} states read, ${unfinished} unfinished removed`);
      assert.ok(unfinished > 0, "no kill has hit a write");
    }
    await rm(folder, { recursive: true });
  }).timeout(60_000 + kills * 5000);
});
