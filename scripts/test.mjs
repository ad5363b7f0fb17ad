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

const realEditor = "real editor";
/** With more files than these, a second run would only take time. */
const mostUnsteadyFiles = 4;

const endToEnd = [
  { name: "packages", args: ["scripts/package.mjs"] },
  mochaStep(realEditor, ["test/e2e/*.test.ts"]),
];

const isEndToEnd = process.argv.includes("e2e");
let passed = 0;
let failed = 0;
const skipped = [];
/** What failed in a real editor and passed in a second one. */
const unsteady = [];
for (const step of isEndToEnd ? endToEnd : [...all, ...endToEnd]) {
  const result = await run(step, { show: true });
  passed += result.passed;
  failed += result.failed;
  skipped.push(...result.skipped);
  // Without packages there is nothing to install into an editor.
  if (step.name === "packages" && result.failed > 0) break;
  if (step.name !== realEditor || result.failed === 0) continue;
  // Browser, editor and its windows have moods of their own on a busy machine: the files with failed
  // tests run once more, in new editors. A fault of ours fails there, too.
  const files = Object.keys(result.failures);
  if (files.length === 0 || files.length > mostUnsteadyFiles) continue;
  const again = await run(
    mochaStep(`${realEditor}, once more where tests failed`, files),
    { show: true },
  );
  const fails = Object.values(again.failures).flat();
  const mended = Object.values(result.failures)
    .flat()
    .filter((title) => !fails.includes(title));
  unsteady.push(...mended);
  failed = failed - result.failed + again.failed;
  passed = passed + mended.length;
}
if (!isEndToEnd) skipped.push("the trainer's tests (npm run test:training)");
console.log("");
for (const name of skipped) console.log(`skipped: ${name}`);
for (const name of unsteady)
  console.log(`passed only the second time: ${name}`);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
