import type { Stop } from "../../protocol";

export type { Stop } from "../../protocol";

/** Where a text ends and why; the part up to `end` is kept. */
export interface Ending {
  readonly end: number;
  readonly stop: Stop;
}

/** Whether a text has come to its end. Asked after every token; the first of a list that says so counts. */
export type StoppingCriterion = (text: string) => Ending | undefined;
