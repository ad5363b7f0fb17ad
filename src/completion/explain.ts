import type { CopyIndex } from "../copying/copyIndex";
import type { Context } from "../runtime/runtime";
import { isWordByte } from "../text/words";
import { PrefixIndex } from "../tokenizer/prefixIndex";
import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import type { CompletionModel } from "./generation";
import { heal } from "./healing";
import { sum } from "./processors/processor";
import { RequiredPrefix } from "./processors/requiredPrefix";

/** Tokens of a passage before the copied token, and from it on. */
const passageBefore = 24;
const passageAfter = 8;

/** A text whose tokens are to be explained, and the inputs it was generated from. */
export interface ExplainedText {
  /** The document's key in the state cache. */
  readonly key: string;
  /** Tokens of the document's start and of the text before the position. */
  readonly tokens: readonly number[];
  /** How many of them, at the start, are no text. */
  readonly startLength: number;
  /** Text of the selected item, read after `tokens` as if it had been typed. */
  readonly selectedText: string;
  readonly text: string;
  readonly context: Context;
}

/** A token of a text, and where its probability comes from. */
export interface TokenOrigin {
  /** The part of the text that it stands for; a character of several tokens belongs to the last. */
  readonly text: string;
  /** Probability among the tokens that agree with the text typed already, 0 … 1. */
  readonly probability: number;
  /** Shares of the probability, which add up to 1. */
  readonly network: number;
  readonly copied: number;
  readonly idiom: number;
  /** What followed elsewhere where the network's hidden state was alike. */
  readonly recalled: number;
  /** The copied occurrence and the text around it; undefined if the token was not copied. */
  readonly passage?: Passage | undefined;
}

/** The text around a copied occurrence, as bytes: a token may begin within a character. */
export interface Passage {
  readonly index: CopyIndex;
  readonly before: Uint8Array;
  /** From the copied token on. */
  readonly after: Uint8Array;
}

/**
 * Says for each token of a text what made it likely, by running the network over the text again. The
 * text is tokenised anew, so the tokens may differ from the generated ones.
 *
 * @throws the signal's reason when it is aborted
 */
export async function explain(
  { tokenizer, runtime }: CompletionModel,
  { key, tokens, startLength, selectedText, text, context }: ExplainedText,
  signal: AbortSignal,
): Promise<TokenOrigin[]> {
  const { tokens: kept, healedPrefix } = heal(
    tokenizer,
    tokens,
    startLength,
    bytesOfText(selectedText),
  );
  const continuation = await runtime.prefill(key, kept, signal, context);
  const required = new RequiredPrefix(tokenizer, healedPrefix);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const origins: TokenOrigin[] = [];
  let skipped = healedPrefix.length;
  const all = Buffer.concat([healedPrefix, bytesOfText(text)]);
  const ids = encode(tokenizer, all);
  for (const [i, token] of ids.entries()) {
    signal.throwIfAborted();
    const bytes = tokenizer.bytesOf(token);
    if (bytes.length > skipped) {
      const allowed = required.process(continuation.next());
      const isLast = i === ids.length - 1;
      const same = isLast ? beginningWith(tokenizer, token) : [token];
      const likeliest = same.reduce((a, b) =>
        allowed[b]! > allowed[a]! ? b : a,
      );
      const { origin, ...shares } = continuation.sharesOf(likeliest);
      const { network, copied, idiom, recalled } = shares;
      const whole = network + copied + idiom + recalled || 1;
      const probability = same.reduce((total, id) => total + allowed[id]!, 0);
      origins.push({
        text: decoder.decode(bytes.subarray(skipped), { stream: true }),
        probability: probability / sum(allowed),
        network: network / whole,
        copied: copied / whole,
        idiom: idiom / whole,
        recalled: recalled / whole,
        passage: origin && passageOf(tokenizer, origin),
      });
    }
    skipped = Math.max(0, skipped - bytes.length);
    required.accept(token);
    await continuation.push(token);
  }
  return origins;
}

/**
 * A token, and the longer ones that begin with it and do not go on with its word. A text may end within
 * a token that goes on with what stands after the cursor already.
 */
function beginningWith(tokenizer: Tokenizer, token: number): number[] {
  const bytes = tokenizer.bytesOf(token);
  const isWord = bytes.length > 0 && isWordByte(bytes.at(-1)!);
  const longer = PrefixIndex.of(tokenizer)
    .startingWith(bytes)
    .filter((id) => {
      const next = tokenizer.bytesOf(id)[bytes.length];
      return next !== undefined && !(isWord && isWordByte(next));
    });
  return [token, ...longer];
}

function passageOf(
  tokenizer: Tokenizer,
  origin: { index: CopyIndex; length: number; position: number },
): Passage {
  const { index } = origin;
  const { before, after } = index.passage(origin, passageBefore, passageAfter);
  const bytes = (ids: readonly number[]) =>
    Buffer.concat(ids.map((id) => tokenizer.bytesOf(id)));
  return { index, before: bytes(before), after: bytes(after) };
}
