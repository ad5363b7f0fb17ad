import { inEnglish, type Message } from "../messages";

/** What is wrong with a completion server, as a sentence; never with any text of a document. */
export class ServerError extends Error {
  override readonly name = "ServerError";

  /** @param status of HTTP, where the server has answered with one that says no */
  constructor(
    readonly told: Message,
    readonly status?: number,
  ) {
    super(inEnglish(told));
  }
}
