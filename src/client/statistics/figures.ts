import type { Translate } from "../../messages";
import { latencyWithin, type Counts } from "./counts";

/** A figure of the page: the name of its columns, bars and choice, and how it is written. */
export interface Figure {
  readonly id: string;
  readonly name: string;
  /** Undefined where there is none: a share of nothing. Infinity: beyond the last bound. */
  value(counts: Counts): number | undefined;
  text(value: number | undefined): string;
  /** What a whole bar stands for; absent: the highest of them. */
  readonly whole?: number;
}

/** A share, 0 … 1, as text; undefined: a share of nothing. */
export function percent(share: number | undefined, locale: string): string {
  const whole = { style: "percent", maximumFractionDigits: 0 } as const;
  return share?.toLocaleString(locale, whole) ?? "–";
}

/**
 * All figures, in the order of the columns.
 *
 * @param locale how numbers are written
 */
export function figuresOf(t: Translate, locale: string): Figure[] {
  const number = (n = 0) => n.toLocaleString(locale);
  const time = (n: number | undefined) =>
    n === undefined
      ? "–"
      : n === Infinity
        ? t("1 s or more")
        : t("< {0} ms", n);
  const count = (id: string, name: string, value: Figure["value"]) => ({
    ...{ id, name, value },
    text: number,
  });
  const share = (
    id: string,
    name: string,
    value: (counts: Counts) => readonly [part: number, of: number],
  ): Figure => ({
    ...{ id, name, whole: 1 },
    text: (n) => percent(n, locale),
    value: (counts) => {
      const [part, of] = value(counts);
      return of === 0 ? undefined : part / of;
    },
  });
  const latency = (id: string, name: string, part: number): Figure => ({
    ...{ id, name, text: time },
    value: (counts) => latencyWithin(counts.latency, part),
  });
  return [
    count("offered", t("Offered"), ({ offered }) => offered),
    count("accepted", t("Accepted"), ({ accepted }) => accepted),
    count("inPart", t("Accepted in part"), (c) => c.acceptedInPart),
    share("kept", t("Kept after a minute"), (c) => [
      c.kept,
      c.accepted + c.acceptedInPart,
    ]),
    share("right", t("Share right"), (c) => [c.right, c.offered]),
    count("characters", t("Characters accepted"), (c) => c.characters),
    count("keys", t("Keys saved"), ({ keys }) => keys),
    count("withheld", t("Not sure enough"), ({ withheld }) => withheld),
    latency("median", t("Time, half of them"), 0.5),
    latency("slowest", t("Time, 95 of 100"), 0.95),
  ];
}
