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
 * Servers with OpenAI's `/v1/completions`: vLLM, Ai00, llama-cpp-python, rwkvserve, Ollama. Not all of
 * them accept `suffix` or `logprobs`; `findKind` finds that out.
 */
export class OpenAi implements ServerKind {
  readonly name = "OpenAI-compatible";

  constructor(
    readonly model: string,
    readonly contextTokens: number | undefined,
    readonly readsSuffix: boolean,
    private readonly tellsProbabilities: boolean,
  ) {}

  request(
    { prefix, suffix }: ServerPrompt,
    { maxTokens, temperature, topP, seed }: ServerOptions,
  ): { path: string; body: object } {
    return {
      path: "/v1/completions",
      body: {
        model: this.model,
        prompt: prefix,
        ...(this.readsSuffix && suffix !== "" && { suffix }),
        ...(this.tellsProbabilities && { logprobs: 1 }),
        max_tokens: maxTokens,
        temperature,
        top_p: topP,
        seed,
        stream: true,
      },
    };
  }

  piece(data: string): Piece | undefined {
    if (data.trim() === "[DONE]")
      return { text: "", logProbability: undefined, end: "complete" };
    const event = recordIn(data);
    const choices = event?.["choices"];
    if (!Array.isArray(choices)) return undefined;
    const choice: unknown = choices[0];
    // Some servers send a last event that has only the usage.
    if (choice === undefined)
      return { text: "", logProbability: undefined, end: undefined };
    if (!isRecord(choice) || typeof choice["text"] !== "string")
      return undefined;
    return {
      text: choice["text"],
      logProbability: sumOf(logProbabilities(choice["logprobs"])),
      end: endOf(choice["finish_reason"]),
    };
  }
}

function endOf(reason: unknown): Piece["end"] {
  if (typeof reason !== "string") return undefined;
  return reason === "length" ? "cut" : "complete";
}

/** Those of the tokens, as the interface for texts has them, or that for conversations. */
function logProbabilities(value: unknown): unknown[] {
  if (!isRecord(value)) return [];
  const { token_logprobs: plain, content } = value;
  if (Array.isArray(plain)) return plain;
  if (!Array.isArray(content)) return [];
  return content.map((each) => isRecord(each) && each["logprob"]);
}
