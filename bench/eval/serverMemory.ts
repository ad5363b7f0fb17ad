import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** State of a listening socket in /proc/net/tcp, of proc(5). */
const listening = "0A";

/**
 * Bytes in memory of the process that listens on a port of this machine; null where that is not
 * known: on systems other than Linux, for servers elsewhere.
 */
export function serverMemory(url: string): number | null {
  const { hostname, port, protocol } = new URL(url);
  if (!/^(?:localhost|127\.|\[::1\])/.test(hostname)) return null;
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  try {
    const socket = `socket:[${inodeOf(number) ?? ""}]`;
    const pid = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .find((name) => holds(name, socket));
    if (pid === undefined) return null;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 || null;
  } catch {
    return null;
  }
}

function inodeOf(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((path) => readFileSync(path, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .find(
      ([, local, , state]) => local?.endsWith(`:${hex}`) && state === listening,
    )
    ?.at(9);
}

/** Whether a process has a socket open. */
function holds(pid: string, socket: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some(
      (fd) => readlinkSync(`${folder}/${fd}`) === socket,
    );
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
}
