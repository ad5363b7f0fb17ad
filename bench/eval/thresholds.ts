import type { End } from "./confidence";
import type { LineToType } from "./lineToType";
import {
  closedAtEach,
  placeAfterKey,
  runToTake,
  type TypedLine,
} from "./typedLine";

/** What was generated afresh at each place of a line. */
export interface TracedLine {
  readonly language: string;
  readonly line: Pick<LineToType, "text" | "rest">;
  readonly isClosing: boolean;
  readonly places: readonly TracedPlace[];
}

export interface TracedPlace {
  /** How much of the line is written. */
  readonly typed: number;
  readonly text: string;
  /** In order of length. */
  readonly ends: readonly End[];
}

/**
 * What a perfect user would see if each suggestion ended at its last end whose confidence is at least
 * `threshold`, or whole for 0. What is left of the text on the screen stays while it is typed.
 */
export function typedAbove(threshold: number, traced: TracedLine): TypedLine {
  const { language, line, isClosing, places } = traced;
  const closed = closedAtEach(line.text, isClosing);
  const placeAt = new Map(places.map((place) => [place.typed, place]));
  const screens: { typed: number; shown: string }[] = [];
  let left = "";
  for (let at = 0; at < line.text.length;) {
    const shown = left !== "" ? left : cut(placeAt.get(at)!, threshold);
    screens.push({ typed: at, shown });
    const run = runToTake(line, at, shown, closed[at]!);
    const next = placeAfterKey(line, at, run);
    const key = line.text.slice(at, next);
    left = shown.startsWith(key) ? shown.slice(key.length) : "";
    at = next;
  }
  return { language, line, isClosing, screens };
}

function cut({ text, ends }: TracedPlace, threshold: number): string {
  if (threshold === 0) return text;
  const end = ends.findLast(({ confidence }) => confidence >= threshold);
  return text.slice(0, end?.length ?? 0);
}
