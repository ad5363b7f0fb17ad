import { setFlagsFromString } from "node:v8";

/**
 * Has the garbage collector run when the heap has grown by a seventh. By default V8 lets the heap
 * grow to several times what is in use; an edit in a file of megabytes leaves megabytes of garbage,
 * so the process would take hundreds. A collection takes some milliseconds, most of them beside the
 * engine's work.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=15");
}
