import type { Computer } from "./computer";

const folder = "/sys/class/power_supply";

/** Files of one power supply in sysfs (Documentation/ABI/testing/sysfs-class-power); "" if absent. */
export interface PowerSupply {
  type: string;
  scope: string;
  online: string;
  status: string;
}

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
 * A battery is being emptied and nothing is plugged in, which is the rule of UPower, too. Batteries
 * of mice and headsets, whose scope is "Device", do not count.
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
