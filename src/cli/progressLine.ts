/** How far something is, in bytes. */
interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** Shows progress on a line that is written over; on a terminal only. */
export function progressLine(): (progress: Progress) => void {
  let shown = 0;
  return ({ step, done, total }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || (now - shown < 100 && done < total)) return;
    shown = now;
    const line = `${step} ${megabytes(done)} of ${megabytes(total)} MB`;
    process.stderr.write(`\r${line.padEnd(40)}${done === total ? "\n" : ""}`);
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
