/**
 * Breaks the code of a room in one place at a time and runs the tests that load the file; a break
 * that no test notices has survived. Prints the survivors and the share that was killed.
 *
 *     npm run mutate -- src/copying                  all mutants of this folder
 *     npm run mutate -- src/completion --sample 200 --seed 1 --jobs 2
 *     npm run mutate -- src/completion/decode.ts     those of files or folders of a room
 *
 * A mutant is made in the memory of `mutationWorker.cjs`, so the sources stay as they are. Known
 * survivors that change nothing anybody can see are named in `scripts/equivalentMutants.txt`, with
 * the reason: as they are printed, or without " in …" for all of a file that are changed alike.
 */
import { fork } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
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
function mutantsOf(file, text) {
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

/** Paths of files below a folder, relative to the root. @returns {Promise<string[]>} */
async function filesIn(
  /** @type {string} */ path,
  /** @type {string} */ ending,
) {
  const names = await readdir(join(root, path), { recursive: true });
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => [path, ...name.split(sep)].join("/"));
}

/** Tests that take too long for what they would find, or start processes that see no mutant. */
const slow = /torture|Kill|kill/;

/** The folders whose tests hold a room. */
const testsOf = new Map([
  ["src/state", ["test/state"]],
  ["src/copying", ["test/copying"]],
  ["src/completion", ["test/completion"]],
]);

/** A process that runs tests against mutants; another takes its place where it was left unclean. */
class Worker {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  #runs = 0;

  /**
   * What `mutationWorker.cjs` answers; "timeout" and "crash" if it does not.
   * @param {{tests: readonly string[], file: string, text: string}} job
   * @param {number} limitMs
   * @returns {Promise<{failed: boolean, clean: boolean, ms: number, loaded: string[]} | "timeout" | "crash">}
   */
  async run(job, limitMs) {
    // Modules that are loaded again and again fill the memory.
    if (this.#runs++ % 30 === 0) this.stop();
    const worker = join(root, "scripts/mutationWorker.cjs");
    const child = (this.#child ??= fork(worker, {
      cwd: root,
      stdio: "ignore",
    }));
    const answer = await new Promise((done) => {
      const timer = setTimeout(() => done("timeout"), limitMs);
      child.once("message", (message) => (clearTimeout(timer), done(message)));
      child.once("exit", () => (clearTimeout(timer), done("crash")));
      child.send(job);
    });
    child.removeAllListeners();
    if (typeof answer === "string" || !answer.clean) this.stop();
    return answer;
  }

  stop() {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}

/**
 * What each test file loads and how long it takes, as the code is.
 * @param {readonly string[]} tests
 * @param {Worker} worker
 * @returns {Promise<{test: string, loaded: Set<string>, ms: number}[]>}
 */
async function measure(tests, worker) {
  const measured = [];
  for (const test of tests) {
    const answer = await worker.run(
      { tests: [test], file: "", text: "" },
      600_000,
    );
    if (typeof answer === "string" || answer.failed)
      throw new Error(`${test} fails as the code is`);
    measured.push({ test, loaded: new Set(answer.loaded), ms: answer.ms });
  }
  return measured;
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

/** One line for a mutant: all that change a file in the same way have the same one. */
const nameOf = (/** @type {Mutant} */ { file, before, after }) =>
  `${file}: ${before.replace(/\s+/g, " ")} → ${after}`;

/**
 * The same with the line that is changed, which tells it from the others.
 * @param {Mutant} mutant
 * @param {string} text of its file
 */
const exactNameOf = (mutant, text) =>
  `${nameOf(mutant)} in ${text.split("\n")[mutant.line - 1]?.trim()}`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: "1" },
    },
  });
  const isIn = (/** @type {string} */ path, /** @type {string} */ folder) =>
    `${path}/`.startsWith(`${folder}/`);
  const room = [...testsOf.keys()].find((folder) =>
    positionals.every((path) => isIn(path, folder)),
  );
  if (room === undefined || positionals.length === 0)
    throw new Error(
      `name one of ${[...testsOf.keys()].join(", ")}, or paths in one of them`,
    );
  const folders = testsOf.get(room) ?? [];
  const known = await readFile(
    join(root, "scripts/equivalentMutants.txt"),
    "utf8",
  );
  const equivalent = new Set(
    known.split("\n").filter((line) => line.startsWith("src/")),
  );
  /** @type {Map<string, string>} */
  const sources = new Map();
  for (const file of await filesIn(room, ".ts"))
    if (positionals.some((path) => isIn(file, path)))
      sources.set(file, await readFile(join(root, file), "utf8"));
  const all = [...sources].flatMap(([file, text]) => mutantsOf(file, text));
  const chosen = sampled(
    all,
    Number(values.sample ?? all.length),
    Number(values.seed),
  );
  console.log(
    `${all.length} mutants, ${chosen.length} of them are run, seed ${values.seed}`,
  );

  const first = new Worker();
  const tests = (
    await Promise.all(folders.map((path) => filesIn(path, ".test.ts")))
  ).flat();
  const measured = await measure(
    tests.filter((path) => !slow.test(path)),
    first,
  );
  first.stop();

  /** Those that load a file: the one that mirrors it first, then those of its room, quick ones first. */
  const testsFor = (/** @type {string} */ file) => {
    const mirror = file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
    return measured
      .filter(({ loaded }) => loaded.has(file))
      .sort((a, b) =>
        a.test === mirror ? -1 : b.test === mirror ? 1 : a.ms - b.ms,
      );
  };

  /** @type {Mutant[]} */
  const survivors = [];
  const queue = [...chosen];
  let done = 0;
  const work = async () => {
    const worker = new Worker();
    for (let mutant = queue.pop(); mutant; mutant = queue.pop()) {
      const { file, start, end, after, line } = mutant;
      done++;
      const source = sources.get(file) ?? "";
      const covering = testsFor(file);
      const ms = covering.reduce((sum, test) => sum + test.ms, 0);
      const job = {
        tests: covering.map(({ test }) => test),
        file,
        text: source.slice(0, start) + after + source.slice(end),
      };
      // A mutant may loop for ever; the machine may be slower than when the tests were measured.
      const answer = await worker.run(job, 10_000 + 10 * ms);
      if (typeof answer === "string" || answer.failed) continue;
      const name = exactNameOf(mutant, source);
      const isKnown = equivalent.has(nameOf(mutant)) || equivalent.has(name);
      if (!isKnown) survivors.push(mutant);
      console.log(
        `${done}: survived, line ${line}${isKnown ? ", equivalent" : ""}: ${name}`,
      );
    }
    worker.stop();
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const killed = chosen.length - survivors.length;
  const percent = ((100 * killed) / chosen.length).toFixed(1);
  console.log(
    `${positionals.join(" ")}: ${killed} of ${chosen.length} killed or equivalent (${percent} %)`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
