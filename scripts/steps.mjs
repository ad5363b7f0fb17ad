/** What can be checked here, step by step, and how a step is run. */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (/** @type {string} */ path) =>
  join(root, "node_modules", ...path.split("/"));
const reporter = join(root, "scripts", "reporter.cjs");

/**
 * One program that is run; a mocha run counts its tests, any other is one.
 * @typedef {{name: string, args: string[], mocha?: boolean, command?: string}} Step
 */

/** @typedef {import("./reporter.cjs").Summary & {output: string}} Result */

/**
 * A step that runs tests.
 * @param {string} name
 * @param {string[]} args mocha's
 * @returns {Step}
 */
export function mochaStep(name, args) {
  return {
    name,
    args: [bin("mocha/bin/mocha.js"), "--reporter", reporter, ...args],
    mocha: true,
  };
}

const cache = (/** @type {string} */ name) => join(root, "build/check", name);
const cacheOptions = (/** @type {string} */ name) => [
  "--cache",
  "--cache-strategy",
  "content",
  "--cache-location",
  cache(name),
];

/**
 * `cached` are options with which files that have not changed since the last time are not read
 * again. What ESLint finds in a file by the types of another one, it finds only without them.
 * @type {(Step & {cached: string[]})[]}
 */
export const staticChecks = [
  {
    name: "types",
    args: [bin("typescript/bin/tsc"), "-p", "."],
    cached: ["--incremental", "--tsBuildInfoFile", cache("types")],
  },
  {
    name: "lint",
    args: [bin("eslint/bin/eslint.js"), "."],
    cached: cacheOptions("lint"),
  },
  {
    name: "format",
    args: [bin("prettier/bin/prettier.cjs"), "--check", "."],
    cached: cacheOptions("format"),
  },
];

export const unitTests = ["--ignore", "test/e2e/**", "test/**/*.test.ts"];

/**
 * Runs one step. A run that breaks off before it could count is a failure.
 * @param {Step} step
 * @param {{show: boolean}} options whether its output goes to the screen at once; else it is returned
 * @returns {Promise<Result>}
 */
export function run(
  { name, args, mocha = false, command = process.execPath },
  { show },
) {
  if (show) console.log(`\n— ${name}`);
  return new Promise((resolve) => {
    const out = show ? "inherit" : "pipe";
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", out, out, "pipe"],
      env: mocha ? { ...process.env, TEST_SUMMARY: "3" } : process.env,
    });
    let output = "";
    let summary = "";
    const collect = (/** @type {Buffer} */ data) => {
      output += data.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const pipe = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
    pipe.on("data", (/** @type {Buffer} */ data) => {
      summary += data.toString();
    });
    // A program that is not there: "close" comes all the same, without a code.
    child.on("error", (error) => {
      if (show) console.error(error.message);
      else output += `${error.message}\n`;
    });
    child.on("close", (code) => {
      const counts =
        summary === ""
          ? { passed: 0, failed: 0, skipped: [], failures: {} }
          : /** @type {Result} */ (JSON.parse(summary));
      const isOne = !mocha && code === 0;
      resolve({
        passed: isOne ? 1 : counts.passed,
        failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed,
        skipped: counts.skipped,
        failures: counts.failures,
        output,
      });
    });
  });
}
