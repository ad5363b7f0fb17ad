import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder of the bundled model, seen from the built files in `dist` as well as from the sources. */
export function bundledModel(): string {
  const candidates = ["../media/model", "../../../media/model"].map((path) =>
    join(__dirname, path),
  );
  return candidates.find((path) => existsSync(path)) ?? candidates[0]!;
}
