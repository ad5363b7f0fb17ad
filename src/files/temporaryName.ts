import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** Tells machines apart that share a folder. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const pattern = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{12}$/;

/**
 * A name for something that this process will rename or remove. Nobody else has it, and whoever finds
 * it later can tell whether its process still runs: `isAbandoned`.
 */
export function temporaryName(): string {
  return `${host}-${process.pid}-${randomUUID().slice(-12)}`;
}

/** Whether `temporaryName` made it, in whatever process. */
export function isTemporary(name: string): boolean {
  return pattern.test(name);
}

/** Whether it was made on this machine by a process that has ended. */
export function isAbandoned(name: string): boolean {
  const [, machine, pid] = pattern.exec(name) ?? [];
  return machine === host && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It may be another user's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
