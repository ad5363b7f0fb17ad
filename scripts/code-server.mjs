/**
 * A real VS Code from the npm registry: code-server, its Node 24 and the three native modules that
 * it needs, built once into a cache folder. `npm start`, the end-to-end tests and the editor
 * benchmark share it.
 *
 * Used as a program it only fills the cache: `node scripts/code-server.mjs`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The release the tests are written against; it wants exactly Node 24. */
const codeServerVersion = "4.139.1";
const nodeVersion = "24";
const nodeGypVersion = "13";

const windows = process.platform === "win32";

/** Where downloaded tools live; never inside the checkout, so that `git clean` does not cost minutes. */
function cacheFolder() {
  if (process.env.RWKV_CODE_CACHE) return process.env.RWKV_CODE_CACHE;
  if (process.platform === "darwin")
    return join(homedir(), "Library", "Caches", "rwkv-code");
  if (windows) return join(process.env.LOCALAPPDATA ?? homedir(), "rwkv-code");
  return join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "rwkv-code",
  );
}

/** @param {string} root */
function layout(root) {
  const tools = join(root, "tools", "node_modules");
  return {
    node: join(tools, "node", "bin", windows ? "node.exe" : "node"),
    nodeGyp: join(tools, "node-gyp", "bin", "node-gyp.js"),
    nodePlatform: join(tools, "node", "node_modules"),
    server: join(root, "code-server"),
    entry: join(root, "code-server", "out", "node", "entry.js"),
    ready: join(root, "ready"),
  };
}

/**
 * The variables npm sets for the scripts it runs would redirect the nested installations, and the Node
 * that is installed needs its own script.
 */
function cleanEnvironment(environment = process.env) {
  const dropped =
    /^npm_(package_|lifecycle_|command$|config_(local_prefix|global_prefix|prefix|ignore_scripts)$)|^INIT_CWD$/i;
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !dropped.test(name)),
  );
}

/** npm's own JavaScript, so that a chosen Node can run it on every platform. */
function npmCli() {
  const besideNode = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(besideNode, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(besideNode, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const found = candidates.find(
    (path) => path?.endsWith("npm-cli.js") && existsSync(path),
  );
  if (found) return found;
  const asked = spawnSync("npm", ["root", "-g"], {
    encoding: "utf8",
    shell: windows,
    env: cleanEnvironment(),
  });
  const path = join(String(asked.stdout).trim(), "npm", "bin", "npm-cli.js");
  if (!existsSync(path))
    throw new Error(
      "npm was not found beside Node; install Node 20 or newer with npm.",
    );
  return path;
}

/**
 * Starts a program; `output` is the end of what it has written so far.
 * @param {string} file
 * @param {string[]} args
 * @param {{cwd: string, env: NodeJS.ProcessEnv}} options
 */
function start(file, args, options) {
  const child = spawn(file, args, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (/** @type {Buffer} */ data) =>
    (output = (output + data.toString()).slice(-20_000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return { child, output: () => output };
}

/**
 * Runs a program and rejects with the end of its output when it fails.
 * @param {string} file
 * @param {string[]} args
 * @param {{cwd: string, nodeFolder?: string}} options
 */
function run(file, args, { cwd, nodeFolder }) {
  const env = cleanEnvironment();
  const path =
    Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  if (nodeFolder) env[path] = nodeFolder + delimiter + (env[path] ?? "");
  return new Promise((resolve, reject) => {
    const { child, output } = start(file, args, { cwd, env });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output());
      else
        reject(
          new Error(
            `${[file, ...args].join(" ")} ended with ${code}:\n${output().slice(-4000)}`,
          ),
        );
    });
  });
}

/**
 * The native modules VS Code cannot start without. sqlite and kerberos are left out: the web
 * server needs neither.
 */
const nativeModules = ["@vscode/spdlog", "node-pty", "@vscode/native-watchdog"];

/**
 * Fills `root`, which must be empty.
 * @param {string} root
 * @param {(line: string) => void} log
 */
async function install(root, log) {
  const npm = npmCli();
  const at = layout(root);
  const tools = join(root, "tools");
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];

  log(`node@${nodeVersion} and node-gyp …`);
  await mkdir(tools, { recursive: true });
  await writeFile(join(tools, "package.json"), '{"private":true}\n');
  await run(
    process.execPath,
    [
      npm,
      "install",
      ...quiet,
      `node@${nodeVersion}`,
      `node-gyp@${nodeGypVersion}`,
    ],
    { cwd: tools },
  );
  const nodeFolder = dirname(at.node);

  log(`code-server@${codeServerVersion} …`);
  const packed = join(root, "packed");
  await mkdir(packed);
  await run(
    process.execPath,
    [
      npm,
      "pack",
      ...quiet,
      "--pack-destination",
      packed,
      `code-server@${codeServerVersion}`,
    ],
    { cwd: packed },
  );
  const [archive] = await readdir(packed);
  if (!archive) throw new Error("npm pack left no archive");
  await run("tar", ["-xzf", archive], { cwd: packed });
  await rename(join(packed, "package"), at.server);
  await rm(packed, { recursive: true });

  log("its packages …");
  const within = (/** @type {string} */ folder, /** @type {string[]} */ args) =>
    run(at.node, [npm, ...args, "--omit=dev", "--ignore-scripts", ...quiet], {
      cwd: folder,
      nodeFolder,
    });
  const vscode = join(at.server, "lib", "vscode");
  await within(at.server, ["ci"]);
  await within(vscode, ["install", "--legacy-peer-deps"]);
  await within(join(vscode, "extensions"), ["install", "--legacy-peer-deps"]);

  const headers = (await readdir(at.nodePlatform))
    .map((name) => join(at.nodePlatform, name))
    .find((folder) => existsSync(join(folder, "include", "node", "node.h")));
  if (!headers) throw new Error("the npm package of Node holds no headers");
  for (const name of nativeModules) {
    log(`building ${name} …`);
    await run(at.node, [at.nodeGyp, "rebuild", `--nodedir=${headers}`], {
      cwd: join(vscode, "node_modules", name),
      nodeFolder,
    });
  }
}

/**
 * Returns the paths of Node 24 and code-server, installing both first when the cache lacks them.
 * @param {{log?: (line: string) => void}} [options]
 */
async function ensureCodeServer({ log = console.error } = {}) {
  const root = join(cacheFolder(), `code-server-${codeServerVersion}`);
  const at = layout(root);
  if (!existsSync(at.ready)) {
    log(
      `Installing VS Code for the browser into ${root} (once, a minute or two)`,
    );
    await mkdir(cacheFolder(), { recursive: true });
    // Built under another name and moved when whole: an interrupted installation is never used.
    const partial = await mkdtemp(join(cacheFolder(), "partial-"));
    try {
      await install(partial, log);
      await writeFile(join(partial, "ready"), "");
      await rm(root, { recursive: true, force: true });
      await rename(partial, root).catch(() =>
        cp(partial, root, { recursive: true, verbatimSymlinks: true }),
      );
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return { node: at.node, entry: at.entry };
}

/** A port of the loopback interface that nobody listens on just now. */
export function freePort() {
  return new Promise(
    (/** @type {(port: number) => void} */ resolve, reject) => {
      const server = createServer();
      server.on("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() =>
          resolve(typeof address === "object" && address ? address.port : 0),
        );
      });
    },
  );
}

/**
 * @typedef {object} Profile
 * @property {string} userData  folder of settings and state
 * @property {string} extensions  folder of installed extensions
 */

/**
 * Installs a `.vsix` into a profile.
 * @param {Profile} profile
 * @param {string} vsix
 */
export async function installExtension(profile, vsix) {
  const { node, entry } = await ensureCodeServer();
  const args = [
    entry,
    ...profileArguments(profile),
    "--install-extension",
    vsix,
  ];
  await run(node, args, { cwd: profile.userData, nodeFolder: dirname(node) });
}

/** @param {Profile} profile */
function profileArguments({ userData, extensions }) {
  return ["--user-data-dir", userData, "--extensions-dir", extensions];
}

/**
 * Starts code-server on the loopback interface and resolves once it answers.
 * @param {Profile & {
 *   folder: string,
 *   workspaceTrust?: boolean,
 *   port?: number,
 *   environment?: NodeJS.ProcessEnv,
 * }} options  environment: all variables that it gets, this process's if left out
 */
export async function startCodeServer({
  folder,
  workspaceTrust = false,
  port,
  environment = process.env,
  ...profile
}) {
  const { node, entry } = await ensureCodeServer();
  const chosen = port ?? (await freePort());
  const args = [
    entry,
    ...profileArguments(profile),
    ...["--config", join(profile.userData, "code-server.yaml")],
    ...["--auth", "none", "--bind-addr", `127.0.0.1:${chosen}`],
    ...["--disable-telemetry", "--disable-update-check"],
    ...(workspaceTrust ? [] : ["--disable-workspace-trust"]),
    folder,
  ];
  const env = cleanEnvironment(environment);
  const { child, output } = start(node, args, {
    cwd: profile.userData,
    env,
  });
  const base = `http://127.0.0.1:${chosen}`;
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`code-server ended at once:\n${output()}`);
    const answer = await fetch(`${base}/healthz`).catch(() => undefined);
    if (answer?.ok) break;
    if (Date.now() > deadline) {
      child.kill();
      throw new Error(
        `code-server did not answer within a minute:\n${output()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    child,
    url: `${base}/?folder=${encodeURIComponent(folder)}`,
    output,
    /** Ends the server and waits until it is gone. */
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(timer);
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  void ensureCodeServer().then(({ entry }) => console.log(entry));
}
