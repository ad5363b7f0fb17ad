import { parseArgs } from "node:util";
import { conform, findCheckpoints, type Conformance } from "./conform";

/**
 * Compares the engine with expected logits and a double-precision forward, for every checkpoint below
 * a folder; see `conform` for what passes.
 *
 *     npm run -s conformance -- DIR [--json]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new Error("Usage: conformance DIR [--json]");
  const pairs = findCheckpoints(folder);
  if (pairs.length === 0)
    throw new Error(`there are no checkpoints below ${folder}`);
  const results: Conformance[] = [];
  for (const pair of pairs) {
    const result = await conform(pair);
    results.push(result);
    if (!values.json) console.log(line(result));
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
  if (!results.every(({ pass }) => pass)) process.exitCode = 1;
}

function line(result: Conformance): string {
  const { model, generation, container, format, pass, error } = result;
  const verdict = pass ? "pass" : "FAIL";
  const start = `${verdict}  RWKV-${generation}  ${container}  ${format}  ${model}`;
  if (error !== undefined) return `${start}: ${error}`;
  const figures = [
    `serial ${figure(result.maxAbsDiffSerial)}`,
    `sequence ${figure(result.maxAbsDiffSequence)}`,
  ];
  if (result.maxAbsDiffExpected !== undefined)
    figures.push(`from the expected ${figure(result.maxAbsDiffExpected)}`);
  return `${start}: ${figures.join(", ")}`;
}

function figure(difference: number): string {
  return difference.toExponential(1);
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
