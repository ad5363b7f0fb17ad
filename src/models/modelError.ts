import { ToldError } from "../messages";

/** A model that cannot be used. The message is one sentence for a human that names the fix. */
export class ModelError extends ToldError {
  override readonly name = "ModelError";
}
