import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Seconds of processor time that a process has taken so far, on Linux. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Fields 14 and 15 of proc(5), counted from the end of the program's name, which may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks / Number(execFileSync("getconf", ["CLK_TCK"]));
}
