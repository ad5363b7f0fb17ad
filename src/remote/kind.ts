import { parseBoundedJson, type JsonBounds } from "../files/boundedJson";

/** The prompt of a request to a server. */
export interface ServerPrompt {
  /** Text before the position, line ends as LF; it may end before a word that is typed in part. */
  readonly prefix: string;
  /** Text between the prefix and the position: the reply has to begin with it. */
  readonly healed: string;
  /** Text after the position; empty where the server cannot use it. */
  readonly suffix: string;
}

export interface ServerOptions {
  /** Tokens that the reply may have. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** A part of a streamed reply: a token, or several that only together make characters. */
export interface Piece {
  readonly text: string;
  /** Natural logarithm of its probability; undefined if the server does not send it. */
  readonly logProbability: number | undefined;
  /**
   * Why nothing follows it: the text is complete, or the token limit cut it; undefined: more
   * follows.
   */
  readonly end: "complete" | "cut" | undefined;
}

/** The interface of one kind of server. */
export interface ServerKind {
  /** Shown to users. */
  readonly name: string;
  readonly model: string;
  /** Most tokens of prompt and reply together; undefined if not known. */
  readonly contextTokens: number | undefined;
  /** Whether it reads the text after the position. */
  readonly readsSuffix: boolean;
  /** A request for a streamed reply. */
  request(
    prompt: ServerPrompt,
    options: ServerOptions,
  ): { readonly path: string; readonly body: object };
  /** The piece in the data of an event; undefined if the data is malformed. */
  piece(data: string): Piece | undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Limits of the JSON of an answer. */
const bounds: JsonBounds = { depth: 32, values: 50_000 };

/** The value of JSON if it is an object, and not too much for the memory; else undefined. */
export function recordIn(json: string): Record<string, unknown> | undefined {
  try {
    const value = parseBoundedJson(json, bounds);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A name that a server has given, fit to be shown: bounded, on one line. */
export function asName(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 80);
}

/**
 * The sum of log-probabilities; undefined if there is none, or one is no logarithm of a probability.
 */
export function sumOf(
  logProbabilities: readonly unknown[],
): number | undefined {
  let sum = 0;
  for (const value of logProbabilities) {
    if (typeof value !== "number" || !(value < 1e-3)) return undefined;
    sum += Math.min(0, value);
  }
  return logProbabilities.length > 0 ? sum : undefined;
}
