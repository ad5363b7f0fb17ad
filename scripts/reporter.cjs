/**
 * Mocha's usual report on the screen; and, where somebody listens at file descriptor 3, what the run
 * came to as JSON: `{passed, failed, skipped: [names]}`. `scripts/test.mjs` sums it up.
 */
const { writeSync } = require("node:fs");
const { reporters } = require("mocha");

/** @typedef {{passed: number, failed: number, skipped: string[]}} Summary */

module.exports = class extends reporters.Spec {
  /**
   * @param {import("mocha").Runner} runner
   * @param {import("mocha").MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {Summary} */
    const summary = { passed: 0, failed: 0, skipped: [] };
    runner.on("pass", () => summary.passed++);
    runner.on("fail", () => summary.failed++);
    runner.on("pending", (test) => summary.skipped.push(test.fullTitle()));
    runner.once("end", () => {
      if (process.env.TEST_SUMMARY === "3")
        writeSync(3, JSON.stringify(summary));
    });
  }
};
