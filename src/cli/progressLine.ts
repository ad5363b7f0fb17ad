import { fileSize } from "../text/bytes";

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
    const line = `${step} ${fileSize(done)} of ${fileSize(total)}`;
    process.stderr.write(`\r${line.padEnd(40)}${done === total ? "\n" : ""}`);
  };
}
