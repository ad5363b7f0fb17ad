import { fileSize } from "../text/bytes";

/** The progress of a step, in bytes. */
interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Makes a function that shows progress in one line of the terminal, at most ten times a second. Without
 * a terminal it shows nothing.
 */
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
