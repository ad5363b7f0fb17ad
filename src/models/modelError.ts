import { inEnglish, type Message } from "../messages";

/** A model that cannot be used. The message is one sentence for a human that names the fix. */
export class ModelError extends Error {
  override readonly name = "ModelError";

  /** @param told what the sentence is, for whoever words it in another language */
  constructor(
    readonly told: Message,
    options?: ErrorOptions,
  ) {
    super(inEnglish(told), options);
  }
}
