import {
  isRecord,
  recordIn,
  sumOf,
  type Piece,
  type ServerKind,
  type ServerOptions,
  type ServerPrompt,
} from "./kind";

/**
 * llama.cpp's own server (`tools/server/README.md` there): `/infill` where the model was trained for
 * text in the middle, else `/completion`. The request names no slot: the server chooses the one with most
 * of the prompt in its cache, and on a shared server others may use a fixed one.
 */
export class LlamaCpp implements ServerKind {
  readonly name = "llama.cpp";

  constructor(
    readonly model: string,
    readonly contextTokens: number | undefined,
    readonly readsSuffix: boolean,
  ) {}

  request(
    { prefix, suffix }: ServerPrompt,
    { maxTokens, temperature, topP, seed }: ServerOptions,
  ): { path: string; body: object } {
    const options = {
      n_predict: maxTokens,
      n_probs: 1,
      cache_prompt: true,
      stream: true,
      temperature,
      top_p: topP,
      // Its own further filters are off, as ours has none.
      top_k: 0,
      min_p: 0,
      seed,
    };
    return this.readsSuffix
      ? {
          path: "/infill",
          body: { input_prefix: prefix, input_suffix: suffix, ...options },
        }
      : { path: "/completion", body: { prompt: prefix, ...options } };
  }

  piece(data: string): Piece | undefined {
    const event = recordIn(data);
    if (typeof event?.["content"] !== "string") return undefined;
    const tokens = event["completion_probabilities"];
    return {
      text: event["content"],
      logProbability: Array.isArray(tokens)
        ? sumOf(tokens.map((each) => isRecord(each) && each["logprob"]))
        : undefined,
      end:
        event["stop"] !== true
          ? undefined
          : event["stop_type"] === "limit" || event["stopped_limit"] === true
            ? "cut"
            : "complete",
    };
  }
}
