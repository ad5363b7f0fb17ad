import { inEnglish, type Message } from "../messages";

/** The properties of a failure that decide whether and when to try again. */
export interface Failure {
  /** Whether the same request may succeed later. */
  readonly isTemporary?: boolean;
  /** Milliseconds to wait, as the server requests (`Retry-After`). */
  readonly retryAfterMs?: number | undefined;
  /** Whether the server needs a token, or refuses the given one. */
  readonly needsToken?: boolean;
}

/** A download that failed. The message is one sentence for a human; `data` is the same as a code. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";

  constructor(
    readonly data: Message,
    readonly failure: Failure = {},
    options?: ErrorOptions,
  ) {
    super(inEnglish(data), options);
  }
}
