/**
 * Runs everything that is checked here, names what was skipped, and ends with one line that sums it
 * up:
 *
 *     npm test
 *     npm run test:e2e      only the tests in a real editor
 */
import { mochaStep, run, staticChecks, unitTests } from "./steps.mjs";

const all = [
  ...staticChecks,
  { name: "build", args: ["esbuild.mjs"] },
  mochaStep("unit tests", unitTests),
  {
    // What of the trainer needs nothing but Python; `npm run test:training` has the rest.
    name: "corpus builder",
    command: "python3",
    args: ["-m", "unittest", "discover", "-s", "training/data"],
  },
];

const endToEnd = [
  { name: "packages", args: ["scripts/package.mjs"] },
  mochaStep("real editor", ["test/e2e/*.test.ts"]),
];

const isEndToEnd = process.argv.includes("e2e");
let passed = 0;
let failed = 0;
const skipped = [];
for (const step of isEndToEnd ? endToEnd : [...all, ...endToEnd]) {
  const result = await run(step, { show: true });
  passed += result.passed;
  failed += result.failed;
  skipped.push(...result.skipped);
  // Without packages there is nothing to install into an editor.
  if (step.name === "packages" && result.failed > 0) break;
}
if (!isEndToEnd) skipped.push("the trainer's tests (npm run test:training)");
console.log("");
for (const name of skipped) console.log(`skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
