import type { Timings } from "../protocol";
import type { Decoded } from "./decode";
import type { StoppingCriterion } from "./stopping/criterion";

/** A position in a text, for a source that generates from text rather than from tokens. */
export interface TextPrompt {
  readonly text: string;
  /** The text between these offsets is replaced by `selectedText` and by what is generated. */
  readonly start: number;
  readonly end: number;
  readonly selectedText: string;
  /**
   * Whether the text may leave the process; called right before it is sent, since settings may have
   * changed while the request waited.
   */
  readonly mayLeave: () => boolean;
}

export interface TextOptions {
  readonly trigger: "automatic" | "invoked" | "generate";
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly stoppingCriteria: readonly StoppingCriterion[];
  readonly maxTokens: number;
  /** Least probability of the whole text, 0 … 1; the text ends before a token that would go below. */
  readonly minConfidence: number;
  /** Where a limit may end the text. */
  readonly whole: "lines" | "words";
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

export interface Written extends Decoded {
  readonly timings: Timings;
  /** The model that wrote it. */
  readonly model: string;
}

/** Generates text in place of the local model. The only one is `remote/completionServer.ts`. */
export interface TextSource {
  /** Whether it is in use now; else the local model generates. */
  readonly isOn: boolean;
  /**
   * @returns undefined if it cannot generate the text; then the local model does
   * @throws the signal's reason when it is aborted
   */
  generate(
    prompt: TextPrompt,
    options: TextOptions,
  ): Promise<Written | undefined>;
}
