import assert from "node:assert/strict";
import { Power } from "../../src/server/power";
import type { Computer } from "../../src/server/power/computer";
import { isLinuxOnBattery } from "../../src/server/power/linux";
import { isMacOnBattery } from "../../src/server/power/macos";
import { isWindowsOnBattery } from "../../src/server/power/windows";

/** A computer with some files, whose programs print some text. */
class FakeComputer implements Computer {
  time = 0;
  lists = 0;
  readonly commands: string[][] = [];

  constructor(
    readonly platform: NodeJS.Platform,
    public files: Record<string, string> = {},
    readonly output?: string,
  ) {}

  list(folder: string): Promise<string[]> {
    this.lists++;
    const names = Object.keys(this.files)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split("/")[0]!);
    return names.length > 0
      ? Promise.resolve([...new Set(names)])
      : Promise.reject(new Error("ENOENT"));
  }

  read(path: string): Promise<string> {
    const text = this.files[path];
    return text === undefined
      ? Promise.reject(new Error("ENOENT"))
      : Promise.resolve(text);
  }

  run(...command: string[]): Promise<string> {
    this.commands.push(command);
    return this.output === undefined
      ? Promise.reject(new Error("ETIMEDOUT"))
      : Promise.resolve(this.output);
  }

  now(): number {
    return this.time;
  }
}

/** A laptop's /sys/class/power_supply. */
function laptop(online: string, status: string): Record<string, string> {
  const folder = "/sys/class/power_supply";
  return {
    [`${folder}/AC/type`]: "Mains\n",
    [`${folder}/AC/online`]: `${online}\n`,
    [`${folder}/BAT0/type`]: "Battery\n",
    [`${folder}/BAT0/status`]: `${status}\n`,
  };
}

describe("Power", () => {
  it("reads sysfs on Linux", async () => {
    for (const [online, status, expected] of [
      ["0", "Discharging", true],
      ["1", "Charging", false],
      ["1", "Discharging", false],
      ["0", "Unknown", false],
    ] as const) {
      const computer = new FakeComputer("linux", laptop(online, status));
      assert.equal(await new Power(computer).onBattery(), expected);
    }
  });

  it("runs pmset on macOS", async () => {
    const computer = new FakeComputer(
      "darwin",
      {},
      "Now drawing from 'Battery Power'\n",
    );
    assert.equal(await new Power(computer).onBattery(), true);
    assert.deepEqual(computer.commands, [["/usr/bin/pmset", "-g", "batt"]]);
  });

  it("runs PowerShell, by its whole path, on Windows", async () => {
    const computer = new FakeComputer("win32", {}, "1\r\n");
    assert.equal(await new Power(computer).onBattery(), true);
    assert.match(computer.commands[0]![0]!, /^[A-Z]:\\.*\\powershell\.exe$/i);
  });

  it("counts a computer that says nothing as plugged in", async () => {
    for (const platform of ["linux", "darwin", "win32", "freebsd"] as const) {
      const power = new Power(new FakeComputer(platform));
      assert.equal(await power.onBattery(), false, platform);
    }
  });

  it("asks when asked, and at most every 30 seconds", async () => {
    const computer = new FakeComputer("linux", laptop("0", "Discharging"));
    const power = new Power(computer);
    assert.equal(computer.lists, 0);
    await Promise.all([power.onBattery(), power.onBattery()]);
    assert.equal(computer.lists, 1);
    computer.files = laptop("1", "Charging");
    computer.time = 29_999;
    assert.equal(await power.onBattery(), true);
    assert.equal(computer.lists, 1);
    computer.time = 30_000;
    assert.equal(await power.onBattery(), false);
    assert.equal(computer.lists, 2);
  });

  it("answers for the computer that runs the test", async () => {
    assert.equal(typeof (await new Power().onBattery()), "boolean");
  });
});

describe("isLinuxOnBattery", () => {
  const none = { type: "", scope: "", online: "", status: "" };
  const battery = { ...none, type: "Battery", status: "Discharging" };
  const usb = { ...none, type: "USB" };

  it("needs a battery that is being emptied", () => {
    assert.equal(isLinuxOnBattery([]), false);
    assert.equal(isLinuxOnBattery([battery]), true);
    assert.equal(isLinuxOnBattery([{ ...battery, status: "Full" }]), false);
    assert.equal(
      isLinuxOnBattery([{ ...battery, status: "Not charging" }, battery]),
      true,
    );
  });

  it("knows USB chargers", () => {
    assert.equal(isLinuxOnBattery([battery, { ...usb, online: "0" }]), true);
    assert.equal(isLinuxOnBattery([battery, { ...usb, online: "1" }]), false);
    assert.equal(isLinuxOnBattery([battery, { ...usb, online: "2" }]), false);
  });

  it("leaves the supplies of devices out", () => {
    const mouse = { ...battery, scope: "Device" };
    assert.equal(isLinuxOnBattery([mouse]), false);
    const pad = { ...usb, scope: "Device", online: "1" };
    assert.equal(isLinuxOnBattery([battery, pad]), true);
    assert.equal(isLinuxOnBattery([{ ...battery, scope: "System" }]), true);
  });
});

describe("isMacOnBattery", () => {
  it("goes by where the power is drawn from", () => {
    const line = " -InternalBattery-0 (id=4325475)\t61%; ";
    for (const [source, state, expected] of [
      ["AC Power", "charging; 0:52 remaining present: true", false],
      ["AC Power", "discharging; (no estimate) present: true", false],
      ["Battery Power", "discharging; 3:10 remaining present: true", true],
      ["UPS Power", "charged; 0:00 remaining present: true", true],
    ] as const) {
      const output = `Now drawing from '${source}'\n${line}${state}\n`;
      assert.equal(isMacOnBattery(output), expected, output);
    }
    assert.equal(isMacOnBattery("Now drawing from 'AC Power'\n"), false);
    assert.equal(isMacOnBattery(""), false);
  });
});

describe("isWindowsOnBattery", () => {
  it("knows every value of BatteryStatus", () => {
    const onBattery = Array.from({ length: 12 }, (_, i) => i).filter((value) =>
      isWindowsOnBattery(`${value}\r\n`),
    );
    assert.deepEqual(onBattery, [1, 4, 5]);
    assert.equal(isWindowsOnBattery(""), false);
  });

  it("takes several batteries together", () => {
    assert.equal(isWindowsOnBattery("3\r\n1\r\n"), true);
    assert.equal(isWindowsOnBattery("1\r\n2\r\n"), false);
    assert.equal(isWindowsOnBattery("4\r\n6\r\n"), false);
  });
});
