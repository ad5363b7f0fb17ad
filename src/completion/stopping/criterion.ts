import type { Stop } from "../../protocol";

/** Where a text ends and why; the part up to `end` is kept. */
export interface Ending {
  readonly end: number;
  readonly stop: Stop;
}

/** Says where a text ends, if it does; called after every token. The first ending of a list counts. */
export type StoppingCriterion = (text: string) => Ending | undefined;
