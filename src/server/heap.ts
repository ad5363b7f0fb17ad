import { setFlagsFromString } from "node:v8";

/**
 * Makes the garbage collector run when the heap has grown by a seventh. By default V8 lets the heap grow
 * to several times the bytes in use; an edit in a file of megabytes leaves megabytes of garbage, so the
 * process would take hundreds of megabytes. A collection takes some milliseconds, mostly in parallel.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=15");
}
