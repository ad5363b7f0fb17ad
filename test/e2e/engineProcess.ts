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

/** The engine that follows the one with the id `previous`, once it is there. */
export async function nextEngineOf(
  home: string,
  previous: number | undefined,
): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const engine = enginesOf(home).find((id) => id !== previous);
    if (engine !== undefined) return engine;
    if (Date.now() > deadline) throw new Error("no engine was started");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
