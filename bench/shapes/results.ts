import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Typed } from "./typing";

/** What a shape costs. Memory with shared pages divided, a short file open. */
export interface Figures extends Typed {
  /** The shape and its bits, `0.1B-int8`. */
  readonly name: string;
  /** Of the last minute, when it had been measured. */
  readonly load: number;
  readonly weightsMb: number;
  readonly stateMb: number;
  readonly readyMs: number;
  readonly windowMb: number;
  readonly furtherWindowMb: number;
}

/** What was measured so far; empty where there is no such file. */
export function readResults(path: string): Figures[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Figures[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Keeps what was measured, in place of what was measured of the same shape before. */
export function addResult(path: string, figures: Figures): void {
  const others = readResults(path).filter(({ name }) => name !== figures.name);
  mkdirSync(dirname(path), { recursive: true });
  // A bench that is stopped leaves what there was.
  writeFileSync(`${path}.new`, `${JSON.stringify([...others, figures])}\n`);
  renameSync(`${path}.new`, path);
}
