/**
 * Builds the extension, packages it for this machine and opens it in an editor that touches no
 * settings of yours: `code` when it is on the PATH, else code-server in the browser.
 *
 *     npm start [-- FOLDER]     a folder of yours in place of the sample
 *     npm start -- --browser    code-server in any case
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installExtension, startCodeServer } from "./code-server.mjs";
import { packageTargets } from "./package.mjs";
import { ownTarget, targets } from "./targets.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";

const settings = {
  "workbench.startupEditor": "none",
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "security.workspace.trust.enabled": false,
  // The sample lies in this repository.
  "git.openRepositoryInParentFolders": "never",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/**
 * Whether `code` answers; on Windows it is a command file, which takes a shell.
 * @param {string[]} args
 */
function code(args) {
  const quoted = windows ? args.map((arg) => `"${arg}"`) : args;
  const stdio = args[0] === "--version" ? "ignore" : "inherit";
  return spawnSync("code", quoted, { stdio, shell: windows }).status === 0;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { browser: { type: "boolean", default: false } },
  });
  const [own] = positionals.map((path) => resolve(path));
  if (own && !statSync(own, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${own} is no folder.`);
  const target = ownTarget();
  if (!target)
    throw new Error(
      `There is no package for ${process.platform}-${process.arch}, only for ${targets.join(", ")}.`,
    );
  const [vsix] = await packageTargets([target]);
  if (!vsix) throw new Error("No package was made.");

  const home = join(root, "build", "start");
  const profile = {
    userData: join(home, "user"),
    extensions: join(home, "extensions"),
  };
  const sample = join(home, "sample");
  const folder = own ?? sample;
  await mkdir(join(profile.userData, "User"), { recursive: true });
  // What you changed there in an earlier run stays.
  const kept = { flag: "wx" };
  await writeFile(
    join(profile.userData, "User", "settings.json"),
    JSON.stringify(settings, undefined, 2),
    kept,
  ).catch(() => undefined);
  await cp(join(root, "scripts", "sample"), sample, {
    recursive: true,
    force: false,
  });

  if (!values.browser && code(["--version"])) {
    const ofProfile = [
      "--user-data-dir",
      profile.userData,
      "--extensions-dir",
      profile.extensions,
    ];
    if (!code([...ofProfile, "--install-extension", vsix, "--force"]))
      throw new Error("`code` did not install the package.");
    if (
      !code([
        ...ofProfile,
        "--new-window",
        folder,
        ...(own ? [] : ["--goto", `${join(folder, "hello.ts")}:3:1`]),
      ])
    )
      throw new Error("`code` did not open.");
    console.log(
      "VS Code is open. Type in one of the files and wait for grey text; Tab accepts it.",
    );
    return;
  }

  await installExtension(profile, vsix);
  const server = await startCodeServer({ ...profile, folder });
  console.log(
    `\nOpen ${server.url} in a browser.\nType in one of the files and wait for grey text; Tab accepts it. Ctrl+C ends it.`,
  );
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => void server.stop());
  }
}

main().catch((/** @type {unknown} */ error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
