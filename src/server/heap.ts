import { setFlagsFromString } from "node:v8";

/**
 * Has the garbage collector run when the heap has grown by a seventh. Left alone it waits for several
 * times what is in use; an edit in a file of megabytes leaves megabytes behind, so the process would
 * have hundreds of them. A collection takes some milliseconds, most of them beside the engine's work.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=15");
}
