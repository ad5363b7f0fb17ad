import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

describe("imports and signatures of unusual texts", function () {
  this.timeout(150_000);

  it("take time that is linear in the text's length", () => {
    // Some seconds, unless something is quadratic: then many minutes.
    const { status, signal, stderr } = spawnSync(
      process.execPath,
      ["--require", "tsx/cjs", join(__dirname, "nastyTexts.ts")],
      { timeout: 120_000, encoding: "utf8" },
    );
    assert.deepEqual(
      { status, signal, stderr },
      {
        status: 0,
        signal: null,
        stderr: "",
      },
    );
  });
});
