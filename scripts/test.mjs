/**
 * Runs everything that is checked here and ends with one line that sums it up:
 *
 *     npm test
 *     npm run test:e2e      only the tests in a real editor
 */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (/** @type {string} */ path) =>
  join(root, "node_modules", ...path.split("/"));
const mocha = bin("mocha/bin/mocha.js");

/** @typedef {{name: string, args: string[], mocha?: boolean, command?: string}} Step */

/** @type {Step[]} */
const all = [
  { name: "types", args: [bin("typescript/bin/tsc"), "-p", "."] },
  { name: "lint", args: [bin("eslint/bin/eslint.js"), "."] },
  { name: "format", args: [bin("prettier/bin/prettier.cjs"), "--check", "."] },
  { name: "build", args: ["esbuild.mjs"] },
  {
    name: "unit tests",
    args: [mocha, "--ignore", "test/e2e/**", "test/**/*.test.ts"],
    mocha: true,
  },
  {
    // What of the trainer needs nothing but Python; training/README.md has the rest.
    name: "corpus builder",
    command: "python3",
    args: ["-m", "unittest", "discover", "-s", "training/data"],
  },
];

/** @type {Step[]} */
const endToEnd = [
  { name: "packages", args: ["scripts/package.mjs"] },
  { name: "real editor", args: [mocha, "test/e2e/*.test.ts"], mocha: true },
];

/**
 * Runs one step with its output on the screen. A step that is no mocha run counts as one test.
 * @param {Step} step
 * @returns {Promise<{passed: number, failed: number}>}
 */
function run({
  name,
  args,
  mocha: counts = false,
  command = process.execPath,
}) {
  console.log(`\n— ${name}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (/** @type {Buffer} */ data) => {
      output += data.toString();
      process.stdout.write(data);
    });
    // A program that is not there: "close" comes all the same, without a code.
    child.on("error", (error) => console.error(error.message));
    child.on("close", (code) => {
      const count = (/** @type {string} */ word) =>
        Number(
          new RegExp(`^\\s*(\\d+) ${word}\\b`, "m").exec(output)?.[1] ?? 0,
        );
      const passed = counts ? count("passing") : Number(code === 0);
      const failed = counts ? count("failing") : Number(code !== 0);
      // A run that broke off before it could count is a failure, too.
      resolve({ passed, failed: code !== 0 && failed === 0 ? 1 : failed });
    });
  });
}

const steps = process.argv.includes("e2e") ? endToEnd : [...all, ...endToEnd];
let passed = 0;
let failed = 0;
for (const step of steps) {
  const result = await run(step);
  passed += result.passed;
  failed += result.failed;
  // Without packages there is nothing to install into an editor.
  if (step.name === "packages" && result.failed > 0) break;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
