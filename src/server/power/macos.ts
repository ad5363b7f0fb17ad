/** A command and its arguments, for `isMacOnBattery`. */
export const pmset = ["/usr/bin/pmset", "-g", "batt"] as const;

/**
 * Whether the computer runs on battery, by the output of `pmset`. Its first line has "Now drawing from" and
 * 'AC Power', 'Battery Power' or 'UPS Power'.
 */
export function isMacOnBattery(output: string): boolean {
  return /drawing from '(Battery|UPS) Power'/.test(output);
}
