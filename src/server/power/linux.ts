import type { Computer } from "./computer";

const folder = "/sys/class/power_supply";

/** Files of one power supply in sysfs (Documentation/ABI/testing/sysfs-class-power); "" if absent. */
export interface PowerSupply {
  type: string;
  scope: string;
  online: string;
  status: string;
}

/** All power supplies, those of connected devices included. Rejects if the folder cannot be read. */
export async function readSupplies(computer: Computer): Promise<PowerSupply[]> {
  const names = await computer.list(folder);
  return Promise.all(
    names.map(async (name) => {
      const value = (file: string) =>
        computer.read(`${folder}/${name}/${file}`).then(
          (text) => text.trim(),
          () => "",
        );
      return {
        type: await value("type"),
        scope: await value("scope"),
        online: await value("online"),
        status: await value("status"),
      };
    }),
  );
}

/**
 * Whether a battery is discharging and no other supply is online: the rule of UPower. Batteries of mice
 * and headsets, whose scope is "Device", do not count.
 */
export function isLinuxOnBattery(supplies: readonly PowerSupply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== "Device");
  const batteries = own.filter(({ type }) => type === "Battery");
  // A USB charger whose voltage can be chosen is online with 2.
  const isPlugged = own.some(
    ({ type, online }) => type !== "Battery" && Number(online) > 0,
  );
  return !isPlugged && batteries.some(({ status }) => status === "Discharging");
}
