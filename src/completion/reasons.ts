import type { NoSuggestionReason, Stop } from "../protocol";

export type { NoSuggestionReason } from "../protocol";

/** Thrown to end a request without a suggestion; also the reason of this folder's abort signals. */
export class NoSuggestion extends Error {
  override readonly name = "NoSuggestion";
  constructor(readonly reason: NoSuggestionReason) {
    super(reason);
  }
}

/** The reason of a thrown value; "failed" for an unexpected error. */
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

/** Why a generation has no text. */
export function reasonAfter(stop: Stop): NoSuggestionReason {
  return stop === "time budget" ||
    stop === "repetition" ||
    stop === "not sure enough"
    ? stop
    : "nothing to add";
}
