/**
 * A command and its arguments, for `isWindowsOnBattery`. By its whole path, since Windows would
 * look for the bare name in the working directory first.
 */
export const powershell = [
  `${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
  "-NoLogo",
  "-NoProfile",
  "-NonInteractive",
  "-Command",
  "(Get-CimInstance Win32_Battery -ErrorAction Stop).BatteryStatus",
] as const;

/** Values of `BatteryStatus`: discharging; low; critical. */
const emptied = ["1", "4", "5"];
/** Plugged in; charging; charging and high, low, critical. */
const plugged = ["2", "6", "7", "8", "9"];

/**
 * Whether the computer runs on battery, by the output of `powershell`: the `BatteryStatus` of each
 * Win32_Battery, one a line. The other values (full, undefined, partially charged) do not tell it.
 */
export function isWindowsOnBattery(output: string): boolean {
  const values = output.split(/\s+/);
  return (
    values.some((value) => emptied.includes(value)) &&
    !values.some((value) => plugged.includes(value))
  );
}
