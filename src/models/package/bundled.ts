import { existsSync } from "node:fs";
import { join } from "node:path";

/** Path of the bundled model's folder. It is relative to this file, which may be bundled into `dist`. */
export function bundledModel(): string {
  const candidates = ["../media/model", "../../../media/model"].map((path) =>
    join(__dirname, path),
  );
  return candidates.find((path) => existsSync(path)) ?? candidates[0]!;
}
