import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** Distinguishes machines that share a folder. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const pattern = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{12}$/;

/**
 * A unique name for a file or folder that this process will rename or remove. By its parts, others can
 * find out whether the process still runs (`isAbandoned`).
 */
export function temporaryName(): string {
  return `${host}-${process.pid}-${randomUUID().slice(-12)}`;
}

/** Whether a name was made by `temporaryName`, in any process. */
export function isTemporary(name: string): boolean {
  return pattern.test(name);
}

/** Whether a name was made on this machine by a process that has ended. */
export function isAbandoned(name: string): boolean {
  const [, machine, pid] = pattern.exec(name) ?? [];
  return machine === host && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process runs, but belongs to another user.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
