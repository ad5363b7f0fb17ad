/**
 * Takes the pictures of the walkthrough from the screenshots that the tests in the real editor have
 * made (`test/e2e/product.test.ts`):
 *
 *     npm run package && npx mocha test/e2e/product.test.ts && npm run pictures
 */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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
