import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Cases that `training/tests/make_cases.py` has written from the trainer's own code. */
export function trainerCases<T>(name: string): T {
  const path = join(__dirname, "../../training/tests", `${name}-cases.json`);
  return JSON.parse(readFileSync(path, "utf8")) as T;
}
