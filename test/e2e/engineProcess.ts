import { spawnSync } from "node:child_process";

/** Ids of the engine processes that belong to the editor living in `home`. */
export function enginesOf(home: string): number[] {
  const listed = spawnSync("ps", ["-eww", "-o", "pid=,args="], {
    encoding: "utf8",
  });
  return listed.stdout
    .split("\n")
    .filter((line) => line.includes(home) && /dist\/server\.js\b/.test(line))
    .map((line) => Number.parseInt(line, 10));
}
