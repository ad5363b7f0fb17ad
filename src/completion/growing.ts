import type { CompletionContext } from "./context";
import { isLonger, type Suggestion } from "./suggestion";
import type { ShownSuggestions } from "./typedThrough";

/** Milliseconds between two times at which a client hears that a suggestion has become longer. */
const pauseMs = 200;

/** Hears of a generation that still runs after its first part was shown. */
export interface GoingOn {
  /** The suggestion of a request is now the start of a longer one, which the next request gets. */
  onLonger(request: number): void;
  /** The generation is complete or was stopped. */
  onEnded(): void;
}

/** A suggestion that answers requests while its generation still runs. */
export class GrowingSuggestion {
  private part: Suggestion | undefined;
  /** The last request whose suggestion has become longer, if the client has not been told yet. */
  private untold: number | undefined;
  private toldAt = 0;

  /**
   * @param onPart called with the suggestion so far, which takes the place of the one before if that is remembered
   */
  constructor(
    private readonly context: CompletionContext,
    private readonly shown: ShownSuggestions,
    private readonly goingOn: GoingOn,
    private readonly onPart: (suggestion: Suggestion) => void,
  ) {}

  /** @returns whether requests can be answered now; an empty text answers none */
  add(suggestion: Suggestion): boolean {
    if (suggestion.text === "") return this.part !== undefined;
    if (this.part === undefined) {
      this.part = suggestion;
      this.toldAt = performance.now();
    } else this.lengthen(suggestion);
    if (performance.now() - this.toldAt >= pauseMs) this.tell();
    this.onPart(this.part);
    return true;
  }

  /** @param whole the complete suggestion; absent: the generation was stopped */
  end(whole?: Suggestion): void {
    if (this.part === undefined) return;
    if (whole !== undefined) {
      this.lengthen(whole);
      this.tell();
    }
    this.goingOn.onEnded();
  }

  /** Replaces the remembered suggestion by a longer one that begins with it. */
  private lengthen(longer: Suggestion): void {
    const { part, context } = this;
    if (part === undefined || !isLonger(part, longer)) return;
    const request = this.shown.lengthen(context, part, longer);
    this.untold = request ?? this.untold;
    this.part = longer;
  }

  private tell(): void {
    if (this.untold === undefined) return;
    this.goingOn.onLonger(this.untold);
    this.untold = undefined;
    this.toldAt = performance.now();
  }
}
