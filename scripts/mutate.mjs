/**
 * Breaks the code in one place at a time and runs the tests that mirror the file; a break that no
 * test notices has survived. Prints the share that was killed, and the survivors.
 *
 *     npm run mutate -- src/copying src/state        all mutants of these folders
 *     npm run mutate -- src/completion --sample 100 --seed 1 --jobs 2
 *
 * A mutant is made in a copy of the checkout, so the sources stay as they are. Known survivors that
 * change nothing anybody can see are named in `scripts/equivalentMutants.txt`, with the reason.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { SyntaxKind: Kind } = ts;

/** @typedef {{file: string, line: number, start: number, end: number, before: string, after: string}} Mutant */

/** Each operator and what it becomes. */
const operators = new Map([
  [Kind.LessThanToken, "<="],
  [Kind.LessThanEqualsToken, "<"],
  [Kind.GreaterThanToken, ">="],
  [Kind.GreaterThanEqualsToken, ">"],
  [Kind.EqualsEqualsEqualsToken, "!=="],
  [Kind.ExclamationEqualsEqualsToken, "==="],
  [Kind.AmpersandAmpersandToken, "||"],
  [Kind.BarBarToken, "&&"],
  [Kind.PlusToken, "-"],
  [Kind.MinusToken, "+"],
  [Kind.AsteriskToken, "/"],
  [Kind.SlashToken, "*"],
  [Kind.PlusEqualsToken, "-="],
  [Kind.MinusEqualsToken, "+="],
]);

/**
 * All mutants of a source: operators turned round, numbers one greater, `true` and `false`
 * exchanged, conditions held, statements left out.
 * @param {string} file relative to the root
 * @param {string} text
 * @returns {Mutant[]}
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {Mutant[]} */
  const mutants = [];
  /** @param {ts.Node} node @param {string} after */
  const add = (node, after) => {
    const start = node.getStart(source);
    const end = node.getEnd();
    const { line } = source.getLineAndCharacterOfPosition(start);
    const before = text.slice(start, end);
    mutants.push({ file, line: line + 1, start, end, before, after });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    // Types change nothing at run time; texts of errors are for people.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = operators.get(node.operatorToken.kind);
      const isText = ts.isStringLiteralLike(node.right);
      if (operator !== undefined && !isText) add(node.operatorToken, operator);
    }
    if (ts.isNumericLiteral(node)) add(node, `(${node.getText(source)} + 1)`);
    if (node.kind === Kind.TrueKeyword) add(node, "false");
    if (node.kind === Kind.FalseKeyword) add(node, "true");
    if (ts.isIfStatement(node)) {
      add(node.expression, "true");
      add(node.expression, "false");
    }
    if (ts.isConditionalExpression(node)) {
      add(node.condition, "true");
      add(node.condition, "false");
    }
    if (ts.isExpressionStatement(node)) add(node, ";");
    if (ts.isPrefixUnaryExpression(node))
      if (node.operator === Kind.ExclamationToken)
        add(node, node.operand.getText(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** @param {string} path @returns {Promise<string[]>} */
async function sourcesIn(path) {
  if ((await stat(path)).isFile()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(path, name));
}

/**
 * Test files for a source: the one that mirrors it first, then all of its folder.
 * @param {string} file relative to the root
 */
async function testsFor(file) {
  const mirror = file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
  const folder = dirname(mirror);
  const all = (await readdir(join(root, folder)))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .filter((path) => !slow.test(path));
  const first = all.filter((path) => path === mirror);
  const rest = all.filter((path) => path !== mirror);
  return [...first, ...rest, ...(further.get(file) ?? [])];
}

/** Tests that take too long for what they would find. */
const slow = /torture|Kill|kill/;

/** Tests beside those of a source's own folder, where a room is tested through the one above it. */
const further = new Map([
  ["src/state/stateCache.ts", ["test/runtime/runtime.test.ts"]],
  ["src/copying/copyCorpus.ts", ["test/runtime/runtime.test.ts"]],
]);

/**
 * Whether mocha passes in a checkout.
 * @param {string} folder
 * @param {readonly string[]} tests
 * @param {number} limitMs
 * @returns {Promise<boolean>}
 */
function passes(folder, tests, limitMs) {
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [
        join(root, "node_modules/mocha/bin/mocha.js"),
        "--bail",
        "--exit",
        "--reporter",
        "dot",
        ...tests,
      ],
      { cwd: folder, stdio: "ignore", timeout: limitMs, killSignal: "SIGKILL" },
    );
    child.on("close", (code) => done(code === 0));
  });
}

/**
 * How many milliseconds tests take that pass.
 * @param {readonly string[]} tests
 */
async function timeOf(tests) {
  const start = performance.now();
  if (!(await passes(root, tests, 600_000)))
    throw new Error(`fail as the code is: ${tests.join(" ")}`);
  return Math.ceil(performance.now() - start);
}

/** Numbers between 0 and 1 that depend on the seed alone (mulberry32). */
function random(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {readonly Mutant[]} mutants
 * @param {number} count
 * @param {number} seed
 */
function sampled(mutants, count, seed) {
  const next = random(seed);
  return mutants
    .map((mutant) => ({ mutant, key: next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** A copy of what the tests need, in a folder of its own. */
async function copyOfCheckout() {
  const folder = join(mkdtempSync(join(tmpdir(), "mutants-")), "checkout");
  const training = join("training", "tests");
  for (const path of [
    "src",
    "test",
    "bench",
    "scripts",
    "media",
    training,
    "package.json",
    "tsconfig.json",
    ".mocharc.json",
  ])
    await cp(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** One line for a mutant, by which `equivalentMutants.txt` knows it. */
const nameOf = (/** @type {Mutant} */ { file, before, after }) =>
  `${file}: ${before.replace(/\s+/g, " ")} → ${after}`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: "2" },
    },
  });
  const known = existsSync(join(root, "scripts/equivalentMutants.txt"))
    ? await readFile(join(root, "scripts/equivalentMutants.txt"), "utf8")
    : "";
  const equivalent = new Set(
    known.split("\n").filter((line) => line.startsWith("src/")),
  );
  /** @type {Mutant[]} */
  const all = [];
  for (const path of positionals)
    for (const file of await sourcesIn(resolve(root, path)))
      all.push(
        ...mutantsOf(relative(root, file), await readFile(file, "utf8")),
      );
  const chosen = sampled(
    all,
    Number(values.sample ?? all.length),
    Number(values.seed),
  );
  console.log(`${all.length} mutants, ${chosen.length} of them are run`);

  /** @type {Map<string, Promise<number>>} */
  const limits = new Map();
  /** Milliseconds: five times what the tests take as the code is, since a mutant may loop for ever. */
  const limitFor = (/** @type {readonly string[]} */ tests) => {
    const key = tests.join(" ");
    const known = limits.get(key) ?? timeOf(tests).then((ms) => 5 * ms);
    limits.set(key, known);
    return known;
  };

  /** @type {Mutant[]} */
  const survivors = [];
  let done = 0;
  const queue = [...chosen];
  const work = async () => {
    const folder = await copyOfCheckout();
    for (;;) {
      const mutant = queue.pop();
      if (mutant === undefined) break;
      const path = join(folder, mutant.file);
      const text = await readFile(path, "utf8");
      await writeFile(
        path,
        text.slice(0, mutant.start) + mutant.after + text.slice(mutant.end),
      );
      const tests = await testsFor(mutant.file);
      const survived = await passes(folder, tests, await limitFor(tests));
      await writeFile(path, text);
      done++;
      if (!survived) continue;
      const isKnown = equivalent.has(nameOf(mutant));
      if (!isKnown) survivors.push(mutant);
      console.log(
        `${done}: survived, line ${mutant.line}${isKnown ? ", equivalent" : ""}: ${nameOf(mutant)}`,
      );
    }
    await rm(dirname(folder), { recursive: true });
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const killed = chosen.length - survivors.length;
  const percent = ((100 * killed) / chosen.length).toFixed(1);
  console.log(
    `${killed} of ${chosen.length} killed or equivalent (${percent} %)`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
