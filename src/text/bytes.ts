/** Bytes of a MiB, in which memory is counted: in settings, budgets and logs. */
export const mebibyte = 1024 * 1024;

/** The MiB that hold so many bytes of memory, rounded up. */
export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte);
}

/** Bytes of a file or a disk for people, in megabytes of 1,000,000: "2.5 MB", "140 MB". */
export function fileSize(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}
