import { share } from "./share";

/** The figures of the places of one kind. */
export interface SpanFigures {
  readonly places: number;
  /** Places at which something is shown, of all. */
  readonly share: number | null;
  /** Places at which exactly what was cut out is shown, of all. */
  readonly exact: number | null;
  /** Of what is shown: the line's brackets or quotes are others. */
  readonly lineBroken: number | null;
}

/** The counts from which the figures are computed. */
export class SpanCounts {
  places = 0;
  shown = 0;
  exact = 0;
  broken = 0;

  add(other: Pick<SpanCounts, "places" | "shown" | "exact" | "broken">): void {
    this.places += other.places;
    this.shown += other.shown;
    this.exact += other.exact;
    this.broken += other.broken;
  }

  get figures(): SpanFigures {
    return {
      places: this.places,
      share: share(this.shown, this.places),
      exact: share(this.exact, this.places),
      lineBroken: share(this.broken, this.shown),
    };
  }
}
