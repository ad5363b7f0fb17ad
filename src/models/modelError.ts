import { inEnglish, type Message } from "../messages";

/** A model that cannot be used. The message is one sentence for a human that names the fix. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The same as a code, where it has one. */
  readonly told?: Message;

  constructor(sentence: string | Message, options?: ErrorOptions) {
    super(
      typeof sentence === "string" ? sentence : inEnglish(sentence),
      options,
    );
    if (typeof sentence !== "string") this.told = sentence;
  }
}
