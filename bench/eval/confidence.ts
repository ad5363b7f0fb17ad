import type { CompletionModel } from "../../src/completion/completer";
import { follows, heal, isWordByte } from "../../src/completion/healing";
import { restOfName } from "../../src/completion/names";
import { splitsWord } from "../../src/completion/words";
import { greedy, type TokenFilter } from "../../src/engine/sampling";
import type { Continuation } from "../../src/runtime/continuation";
import type { Runtime } from "../../src/runtime/runtime";
import { bytesOfText, type Tokenizer } from "../../src/tokenizer/tokenizer";
import type { Question } from "./typist";

/** A place where a suggestion could end, and how likely all before it is right. */
export interface End {
  /** In UTF-16 units of the suggestion. */
  readonly length: number;
  /** Product of the probabilities of the tokens up to there, each renormalised over those allowed. */
  readonly confidence: number;
}

/** A generated token: its bytes and its probability among the allowed ones. */
export interface Chance {
  readonly bytes: Uint8Array;
  readonly probability: number;
}

/**
 * A model to answer one question with, that tells what it chose and how likely that was.
 *
 * The product does not say how sure it is. This file alone finds out, by doing again what the decode
 * loop does: when a suggestion has a confidence, it is to be replaced by reading that.
 */
export function listened(
  { tokenizer, runtime }: CompletionModel,
  { context, window, names }: Question,
): { model: CompletionModel; endsIn: (shown: string) => End[] } {
  const before = window.tokensBefore(context.text, context.start);
  const selected = bytesOfText(context.selectedText);
  const { healedPrefix } = heal(
    tokenizer,
    before,
    window.startLength,
    selected,
  );
  const lead = bytesOfText(restOfName(context.before, context.text, names));
  let continuation: ListenedContinuation | undefined;
  const prefill: Runtime["prefill"] = async (...args) =>
    (continuation = new ListenedContinuation(
      await runtime.prefill(...args),
      tokenizer,
      Buffer.concat([healedPrefix, lead]),
      lead.length > 0,
    ));
  return {
    model: { tokenizer, runtime: { prefill } as Runtime },
    endsIn: (shown) =>
      endsIn(shown, continuation?.chances() ?? [], healedPrefix.length),
  };
}

/**
 * The ends of words, and places within other visible characters, of a generated text.
 *
 * @param chances of the tokens that were generated, the `held` bytes before the text included
 */
export function endsIn(
  shown: string,
  chances: readonly Chance[],
  held: number,
): End[] {
  const ends: End[] = [];
  let bytes = 0;
  let confidence = 1;
  let next = 0;
  let units = 0;
  let length = held;
  for (const character of shown) {
    units += character.length;
    length += Buffer.byteLength(character);
    while (bytes < length) {
      const chance = chances[next++];
      if (chance === undefined || chance.bytes.length === 0) return ends;
      bytes += chance.bytes.length;
      confidence *= chance.probability;
    }
    if (character.trim() !== "" && !splitsWord(shown, units))
      ends.push({ length: units, confidence });
  }
  return ends;
}

class ListenedContinuation implements Continuation {
  private readonly chosen: Chance[] = [];
  private probabilities: Float32Array | undefined;

  /**
   * @param required bytes that the generated text has to start with
   * @param isNaming whether a word has to end with them
   */
  constructor(
    private readonly continuation: Continuation,
    private readonly tokenizer: Tokenizer,
    private required: Uint8Array,
    private isNaming: boolean,
  ) {}

  get prefilled() {
    return this.continuation.prefilled;
  }

  next(): Float32Array {
    this.probabilities = this.continuation.next();
    return this.probabilities;
  }

  async push(token: number): Promise<void> {
    this.chosen.push(this.chanceOf(token));
    if (this.required.length === 0) this.isNaming = false;
    const { length } = this.tokenizer.bytesOf(token);
    this.required = this.required.subarray(
      Math.min(length, this.required.length),
    );
    this.probabilities = undefined;
    await this.continuation.push(token);
  }

  /** All that was chosen; the last token ended the text, and was not pushed. */
  chances(): Chance[] {
    if (this.probabilities === undefined) return this.chosen;
    const last = greedy(this.probabilities, this.allowed());
    return [...this.chosen, this.chanceOf(last)];
  }

  private chanceOf(token: number): Chance {
    const { tokenizer } = this;
    const probabilities = this.probabilities!;
    const allowed = this.allowed();
    let all = 0;
    probabilities.forEach((probability, id) => {
      if (allowed === undefined || allowed(id)) all += probability;
    });
    const isText = token >= 0 && token < tokenizer.vocabularySize;
    return {
      bytes: isText ? tokenizer.bytesOf(token) : new Uint8Array(0),
      probability: all === 0 ? 0 : (probabilities[token] ?? 0) / all,
    };
  }

  private allowed(): TokenFilter | undefined {
    const { tokenizer, required, isNaming } = this;
    if (required.length > 0) return follows(tokenizer, required, isNaming);
    if (!isNaming) return undefined;
    return (id) =>
      id >= tokenizer.vocabularySize ||
      !isWordByte(tokenizer.bytesOf(id)[0] ?? 0);
  }
}
