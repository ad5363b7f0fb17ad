/** Why a suggestion is there. */
export type SuggestionSource = "generated" | "typed through" | "in flight";

/** Why there is none. Each exit of the ladder has its own; users see them in the log. */
export type NoSuggestionReason =
  // The document is not to be completed at all.
  | "off"
  | "language off"
  | "unsupported document"
  | "excluded"
  | "settings unknown"
  | "out of step"
  // Nothing is to be suggested at this place.
  | "binary"
  | "inside a character"
  | "line too long"
  | "mid-word"
  | "nothing to go on"
  | "selected item"
  | "deletion"
  // There is nothing to compute with.
  | "model loading"
  | "model failed"
  | "generating"
  // The request was given up.
  | "superseded"
  | "cancelled"
  | "document closed"
  | "document changed"
  | "settings changed"
  | "unknown document"
  // Generation brought nothing to show.
  | "nothing to add"
  | "time budget"
  | "repetition"
  | "repeats what follows"
  | "unbalanced"
  | "failed";

export type Reason = SuggestionSource | NoSuggestionReason;

/** Ends a request without a suggestion; also the reason of the abort signals here. */
export class NoSuggestion extends Error {
  override readonly name = "NoSuggestion";
  constructor(readonly reason: NoSuggestionReason) {
    super(reason);
  }
}

/** The named reason behind anything thrown; "failed" for what nobody planned. */
export function noSuggestionReasonOf(
  error: unknown,
  signal?: AbortSignal,
): NoSuggestionReason {
  if (error instanceof NoSuggestion) return error.reason;
  if (signal?.aborted)
    return signal.reason === error
      ? "cancelled"
      : noSuggestionReasonOf(signal.reason);
  return "failed";
}
