/**
 * Takes the pictures of the walkthrough, and the moving one of the README, from the screenshots that the tests in the real editor have
 * made (`test/e2e/product.test.ts`):
 *
 *     npm run package && npx mocha test/e2e/product.test.ts && npm run pictures
 */
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { animatedPng } from "./apng.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "media", "walkthrough");

await mkdir(target, { recursive: true });
for (const name of [
  "walkthrough-type",
  "walkthrough-accept",
  "status-menu",
  "statistics",
])
  await copyFile(
    join(root, "build", "screenshots", `${name}.png`),
    join(target, `${name}.png`),
  );

const film = join(root, "build", "screenshots", "film");
/** Each name has the frame's number and the milliseconds for which it is shown. */
const names = (await readdir(film)).sort();
const frames = await Promise.all(
  names.map(async (name) => ({
    png: await readFile(join(film, name)),
    ms: Number(/-(\d+)\.png$/.exec(name)?.[1]),
  })),
);
await writeFile(join(root, "docs", "typing.png"), animatedPng(frames, 2));
