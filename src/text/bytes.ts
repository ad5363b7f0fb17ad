/** Bytes of a MiB, the unit of memory in settings, budgets and logs. */
export const mebibyte = 1024 * 1024;

/** Bytes of memory in MiB, rounded up. */
export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte);
}

/** The size of a file or of free disk space as text, in MB of 1,000,000 bytes: "2.5 MB", "140 MB". */
export function fileSize(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}
