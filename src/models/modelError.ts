import { ToldError } from "../messages";

/**
 * A model, checkpoint or package cannot be used. The message is one sentence for the user; it names
 * the cause and what to do.
 */
export class ModelError extends ToldError {
  override readonly name = "ModelError";
}
