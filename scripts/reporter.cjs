/**
 * Mocha's usual report on the screen; and, where somebody listens at file descriptor 3, what the run
 * came to as JSON. `scripts/test.mjs` sums it up.
 */
const { writeSync } = require("node:fs");
const { reporters } = require("mocha");

/**
 * `failures` are the full titles of what failed, by the file that holds it.
 * @typedef {{passed: number, failed: number, skipped: string[], failures: Record<string, string[]>}} Summary
 */

module.exports = class extends reporters.Spec {
  /**
   * @param {import("mocha").Runner} runner
   * @param {import("mocha").MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {Summary} */
    const summary = { passed: 0, failed: 0, skipped: [], failures: {} };
    runner.on("pass", () => summary.passed++);
    runner.on("fail", (test) => {
      summary.failed++;
      // A hook stands in no file by itself, the suite around it does.
      const file = test.file ?? test.parent?.file ?? "";
      (summary.failures[file] ??= []).push(test.fullTitle());
    });
    runner.on("pending", (test) => summary.skipped.push(test.fullTitle()));
    runner.once("end", () => {
      if (process.env.TEST_SUMMARY === "3")
        writeSync(3, JSON.stringify(summary));
    });
  }
};
