import type { CompletionContext } from "./context";
import { isLonger, type Suggestion } from "./suggestion";
import type { ShownSuggestions } from "./typedThrough";

/** Milliseconds between two times at which a client hears that a suggestion has become longer. */
const pauseMs = 200;

/** Told of a generation that goes on behind what was shown of it. */
export interface GoingOn {
  /** The suggestion of a request is now the start of a longer one, which the next request gets. */
  onLonger(request: number): void;
  /** It has ended, in whichever way. */
  onEnded(): void;
}

/** A suggestion that requests are answered with while its generation goes on. */
export class GrowingSuggestion {
  private part: Suggestion | undefined;
  /** The last request whose suggestion has become longer, until that is told. */
  private untold: number | undefined;
  private toldAt = 0;

  /**
   * @param onPart called with what there is so far, once it is remembered
   */
  constructor(
    private readonly context: CompletionContext,
    private readonly shown: ShownSuggestions,
    private readonly goingOn: GoingOn,
    private readonly onPart: (suggestion: Suggestion) => void,
  ) {}

  /** @returns whether requests can be answered now: nothing is of no more use than a late answer */
  add(suggestion: Suggestion): boolean {
    if (suggestion.text === "") return this.part !== undefined;
    if (this.part === undefined) {
      this.part = suggestion;
      this.toldAt = performance.now();
    } else this.lengthen(suggestion);
    if (performance.now() - this.toldAt >= pauseMs) this.tell();
    this.onPart(suggestion);
    return true;
  }

  /** @param whole what is there at the end; not given: it was stopped */
  end(whole?: Suggestion): void {
    if (this.part === undefined) return;
    if (whole !== undefined) {
      this.lengthen(whole);
      this.tell();
    }
    this.goingOn.onEnded();
  }

  /** Puts a longer text in the place of what was shown of it, if it begins with that. */
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
