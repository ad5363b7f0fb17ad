import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Computer } from "./power/computer";
import { isLinuxOnBattery, readSupplies } from "./power/linux";
import { isMacOnBattery, pmset } from "./power/macos";
import { isWindowsOnBattery, powershell } from "./power/windows";

/** Milliseconds for which an answer is reused. */
const freshMs = 30_000;

/**
 * Whether the computer runs on battery, found out only on request. If it cannot be found out, the
 * computer counts as plugged in.
 */
export class Power {
  private answer: Promise<boolean> = Promise.resolve(false);
  private askedAt = -Infinity;

  constructor(private readonly computer: Computer = thisComputer) {}

  onBattery(): Promise<boolean> {
    const now = this.computer.now();
    if (now - this.askedAt >= freshMs) {
      this.askedAt = now;
      this.answer = ask(this.computer).catch(() => false);
    }
    return this.answer;
  }
}

async function ask(computer: Computer): Promise<boolean> {
  switch (computer.platform) {
    case "linux":
      return isLinuxOnBattery(await readSupplies(computer));
    case "darwin":
      return isMacOnBattery(await computer.run(...pmset));
    case "win32":
      return isWindowsOnBattery(await computer.run(...powershell));
    default:
      return false;
  }
}

const thisComputer: Computer = {
  platform: process.platform,
  list: (folder) => readdir(folder),
  read: (file) => readFile(file, "utf8"),
  run: async (program, ...args) => {
    const options = { timeout: 10_000, windowsHide: true };
    return (await promisify(execFile)(program, args, options)).stdout;
  },
  now: () => performance.now(),
};
