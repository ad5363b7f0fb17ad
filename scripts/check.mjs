/**
 * The quick check before a commit: types, lint, format and all unit tests but the long ones, side by
 * side; no bundle and no editor is built. It shows only the output of steps that failed.
 *
 *     npm run check
 */
import { mochaStep, run, staticChecks, unitTests } from "./steps.mjs";

/**
 * Tests that take longest: models that are computed in many ways, processes that are killed, edits
 * and damaged files by the hundred. `npm run test:unit` has them all.
 */
const long = [
  "test/cli/complete.test.ts",
  "test/cli/import.test.ts",
  "test/cli/models.test.ts",
  "test/completion/calibration.test.ts",
  "test/conformance/**",
  "test/engine/generations.test.ts",
  "test/engine/graphFile.test.ts",
  "test/models/formats/conversion.test.ts",
  "test/models/formats/fuzz.test.ts",
  "test/models/hostile.test.ts",
  "test/models/import/importModel.test.ts",
  "test/models/import/importTokenizer.test.ts",
  "test/server/bundled.test.ts",
  "test/server/features/importModel.test.ts",
  "test/server/features/project.test.ts",
  "test/server/features/readAhead.test.ts",
  "test/server/kill.test.ts",
  "test/server/main.test.ts",
  "test/server/server.test.ts",
  "test/server/torture.test.ts",
  "test/state/stateStoreKill.test.ts",
  "test/state/torture.test.ts",
  "test/tokenizer/everyTokenizer.test.ts",
];

const steps = [
  ...staticChecks.map(({ cached, ...step }) => ({
    ...step,
    args: [...step.args, ...cached],
  })),
  mochaStep("unit tests", [
    ...long.flatMap((path) => ["--ignore", path]),
    ...unitTests,
  ]),
];

const start = performance.now();
const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
const results = await Promise.all(
  steps.map(async (step) => {
    const result = await run(step, { show: false });
    const isFine = result.failed === 0;
    if (!isFine) console.log(`\n${result.output.trim()}\n`);
    console.log(`${isFine ? "✔" : "✘"} ${step.name}, ${seconds()} s`);
    for (const name of result.skipped) console.log(`  skipped: ${name}`);
    return isFine;
  }),
);
console.log(`left out: ${long.join(" ")}`);
process.exitCode = results.every(Boolean) ? 0 : 1;
