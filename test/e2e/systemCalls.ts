import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

/** What processes did, as far as somebody who watches the network and the disk would see it. */
export interface Sightings {
  /** Calls that open a socket; the pipes that a process is born with are none. */
  sockets: string[];
  /** Files that are read only to resolve a host's name. */
  names: string[];
  /** Paths that were made, written, renamed or removed outside the allowed folders. */
  files: string[];
  /** Calls that were looked at, which tells a trace that saw nothing from one that did not work. */
  calls: number;
}

/** Those of the resolver; `/etc/nsswitch.conf` is read for users' names, too. */
const resolverFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf"];

/** Files that hold nothing. */
const harmless = ["/dev/null", "/dev/tty"];

const pathCalls =
  "open openat openat2 creat mkdir mkdirat mknod mknodat rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat rmdir truncate";

/** Why no process can be watched here; undefined if one can. */
export function whyNotTraced(): string | undefined {
  if (process.platform !== "linux") return "strace runs on Linux only";
  const { error, status } = spawnSync("strace", ["-o", "/dev/null", "true"]);
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : "strace may not trace here";
}

/** Arguments of `strace` that write what a program, or a running process, does to `output`. */
export function traceArguments(
  output: string,
  what: { program: readonly string[] } | { pid: number },
): string[] {
  // A question mark lets strace ignore a call that this processor does not have.
  const calls = ["io_uring_setup", ...pathCalls.split(" ")];
  const filter = ["%network", ...calls.map((call) => `?${call}`)].join();
  const target = "program" in what ? what.program : ["-p", String(what.pid)];
  // Whole paths and addresses: a cut one could hide where it leads.
  return [
    "-f",
    "-qq",
    "-s",
    "4096",
    "-e",
    `trace=${filter}`,
    "-o",
    output,
  ].concat(target);
}

/**
 * Reads a trace.
 *
 * @param allowed folders in which anything may be written
 */
export function readTrace(
  output: string,
  allowed: readonly string[],
): Sightings {
  const seen: Sightings = { sockets: [], names: [], files: [], calls: 0 };
  for (const line of readFileSync(output, "utf8").split("\n")) {
    const [, call, rest = ""] = /^\d+ +(\w+)\((.*)/.exec(line) ?? [];
    if (call === undefined) continue;
    seen.calls++;
    // A ring of its own could open sockets without a call that shows.
    if (call === "socket" || call === "io_uring_setup") seen.sockets.push(line);
    if (!pathCalls.split(" ").includes(call)) continue;
    const paths = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(
      ([, path]) => path!,
    );
    if (paths.some((path) => resolverFiles.includes(path)))
      seen.names.push(line);
    if (isWrite(call, rest) && paths.some((path) => !mayWrite(path, allowed)))
      seen.files.push(line);
  }
  return seen;
}

function isWrite(call: string, rest: string): boolean {
  return (
    !call.startsWith("open") || /\bO_(WRONLY|RDWR|CREAT|TMPFILE)\b/.test(rest)
  );
}

function mayWrite(path: string, allowed: readonly string[]): boolean {
  if (harmless.includes(path)) return true;
  return allowed.some((folder) => {
    const way = relative(folder, path);
    return !way.startsWith("..") && !isAbsolute(way);
  });
}
