import type { NoSuggestionReason, Stop } from "../protocol";

export type { NoSuggestionReason, SuggestionSource } from "../protocol";

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

/** Why a generation has no text. */
export function reasonAfter(stop: Stop): NoSuggestionReason {
  return stop === "time budget" ||
    stop === "repetition" ||
    stop === "not sure enough"
    ? stop
    : "nothing to add";
}
