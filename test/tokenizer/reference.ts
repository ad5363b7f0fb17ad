import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { hostileStrings } from "./support/hostileStrings";
import {
  hashOfIds,
  referenceTokenizers,
  stored,
} from "./support/referenceTokenizers";

/**
 * Compares the World and the GPT-NeoX tokenizer with their references in Python.
 *
 *     tsx test/tokenizer/reference.ts [--seed N] [--count N]
 *     tsx test/tokenizer/reference.ts --write     stores the references' hashes for the suite
 *
 * Needs Python with the packages `rwkv` and `tokenizers`; PYTHON names another than python3.
 */
function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      count: { type: "string", default: "10000" },
      write: { type: "boolean", default: false },
    },
  });
  if (values.write) {
    const strings = hostileStrings(stored.seed, stored.count);
    const hashes = Object.fromEntries(
      referenceTokenizers.map(({ kind, path }) => [
        kind,
        referenceIds(kind, path, strings).map(hashOfIds),
      ]),
    );
    writeFileSync(
      join(__dirname, "support", "referenceHashes.json"),
      `${JSON.stringify(hashes, null, 2)}\n`,
    );
    return;
  }
  const strings = hostileStrings(Number(values.seed), Number(values.count));
  console.log(`seed ${values.seed}`);
  for (const reference of referenceTokenizers) {
    const { kind, path } = reference;
    const tokenizer = reference.load();
    const expected = referenceIds(kind, path, strings);
    const different = strings.filter(
      (text, i) =>
        encode(tokenizer, bytesOfText(text)).join() !== expected[i]!.join(),
    );
    console.log(
      `${kind}: ${strings.length - different.length} of ${strings.length} strings have the reference's tokens`,
    );
    for (const text of different.slice(0, 5))
      console.log(`  differs: ${JSON.stringify(text)}`);
    if (different.length > 0) process.exitCode = 1;
  }
}

function referenceIds(
  kind: string,
  path: string,
  strings: readonly string[],
): number[][] {
  const { status, stdout, stderr, error } = spawnSync(
    process.env.PYTHON ?? "python3",
    [join(__dirname, "reference.py"), kind, path],
    {
      input: strings
        .map((text) => `${Buffer.from(text).toString("hex")}\n`)
        .join(""),
      encoding: "utf8",
      maxBuffer: 1 << 30,
    },
  );
  if (status !== 0)
    throw new Error(
      `the reference for ${kind} did not run (${error?.message ?? stderr}); install rwkv and tokenizers from PyPI`,
    );
  return stdout
    .split("\n")
    .slice(0, strings.length)
    .map((line) => line.split(" ").filter(Boolean).map(Number));
}

main();
