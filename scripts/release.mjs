/**
 * Everything that a release consists of, from a checkout whose tests have passed: the packages of
 * all platforms, the npm tarball, `SHA256SUMS` and `notes.md` in `build/`. The release workflow runs
 * the same:
 *
 *     npm run release -- v1.2.3
 *     npm run release -- v1.2.3 --rehearse     though the changelog says "unreleased" still
 */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { releaseNotes } from "./changelog.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, "build");

/** @param {string} name */
const isAttached = (name) => /\.(vsix|tgz)$/.test(name);

/**
 * @param {string} tag
 * @param {{ isRehearsal: boolean }} options
 */
async function release(tag, { isRehearsal }) {
  const { version } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  if (tag !== `v${version}`)
    throw new Error(
      `the tag is ${tag}, the version in package.json ${version}`,
    );
  const changelog = await readFile(join(root, "CHANGELOG.md"), "utf8");
  const notes = releaseNotes(changelog, version, { isRehearsal });

  // What is left of earlier builds would be attached as well.
  for (const name of await readdir(build).catch(() => []))
    if (isAttached(name)) await rm(join(build, name));
  for (const script of ["package.mjs", "npmPackage.mjs"])
    execFileSync(process.execPath, [join(root, "scripts", script)], {
      cwd: root,
      stdio: "inherit",
    });

  const names = (await readdir(build)).filter(isAttached).sort();
  const sums = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(build, name));
      return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
    }),
  );
  await writeFile(join(build, "SHA256SUMS"), sums.join(""));
  await writeFile(join(build, "notes.md"), notes);
  console.log(sums.join("") + `\n${notes}`);
}

const [tag = "", option] = process.argv.slice(2);
await release(tag, { isRehearsal: option === "--rehearse" }).catch(
  (/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
