import { inEnglish, type Message } from "../messages";

/** What a failure means for the next try. */
export interface Failure {
  /** The same request may succeed a moment later. */
  readonly isTemporary?: boolean;
  /** Milliseconds that the server wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** The server wants to know who asks, or refuses the token that it got. */
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
