/**
 * The process in which `mutate.mjs` runs tests against broken code: packages are loaded once and
 * TypeScript is compiled once a file, so that a mutant costs no more than its tests.
 *
 * A message is `{tests, file, text}`: the tests are run with `text` in place of the file `file`, up
 * to the first that fails. The answer is `{failed, clean, ms, loaded}`: whether one failed, whether
 * this process can be used again, how long it took, and which files of `src` were loaded.
 */
const { AssertionError } = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const esbuild = require("esbuild");
const { default: Mocha } = require("mocha");

const root = process.cwd();
/** @type {Map<string, string>} compiled code by path */
const compiled = new Map();
/** @type {{file: string, text: string}} */
let replaced = { file: "", text: "" };

/** Of a file: its path below the checkout, with "/". */
const nameOf = (/** @type {string} */ file) =>
  path.relative(root, file).split(path.sep).join("/");

/** @param {string} file @param {string} text */
function compile(file, text) {
  return esbuild.transformSync(text, {
    loader: "ts",
    format: "cjs",
    target: "node20",
    sourcefile: file,
  }).code;
}

/** @param {string} file */
function codeOf(file) {
  if (nameOf(file) === replaced.file) return compile(file, replaced.text);
  const code =
    compiled.get(file) ?? compile(file, fs.readFileSync(file, "utf8"));
  compiled.set(file, code);
  return code;
}

// How `require` loads TypeScript; of Node, but not in its types.
const extensions = Reflect.get(Module, "_extensions");
extensions[".ts"] = (
  /** @type {{_compile(code: string, file: string): void}} */ module,
  /** @type {string} */ file,
) => module._compile(codeOf(file), file);

/** All loaded modules of this repository. */
const ownModules = () =>
  Object.keys(require.cache).filter((file) => file.endsWith(".ts"));

/** Mocha needs a reporter; the answer has all that is to be told. */
class SilentReporter extends Mocha.reporters.Base {}

/** @param {{tests: string[], file: string, text: string}} job */
async function runTests(job) {
  for (const file of ownModules()) Reflect.deleteProperty(require.cache, file);
  replaced = job;
  const start = performance.now();
  let failed = false;
  let clean = true;
  try {
    const mocha = new Mocha({
      bail: true,
      timeout: 20_000,
      reporter: SilentReporter,
    });
    for (const test of job.tests) mocha.addFile(path.join(root, test));
    await new Promise((done) => {
      mocha.run(done).on("fail", (_, error) => {
        failed = true;
        // What is no assertion may leave work behind that disturbs the next mutant.
        clean &&= error instanceof AssertionError;
      });
    });
  } catch {
    // The code does not even load.
    failed = true;
    clean = false;
  }
  const ms = performance.now() - start;
  const loaded = ownModules().map(nameOf);
  return { failed, clean, ms, loaded };
}

process.on("message", (/** @type {any} */ job) => {
  void runTests(job).then((answer) => process.send?.(answer));
});
