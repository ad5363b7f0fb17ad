import { pathToFileURL } from "node:url";
import { Completer } from "../../src/completion/completer";
import { createContext } from "../../src/completion/context";
import { heal } from "../../src/completion/healing";
import { Runner } from "../../src/completion/runner";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { defaultSettings } from "../../src/protocol";
import type { Continuation, Mark } from "../../src/runtime/continuation";
import type { Runtime } from "../../src/runtime/runtime";
import { bytesOfText, type Tokenizer } from "../../src/tokenizer/tokenizer";
import { replay, type Typed } from "./replay";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** Tokens that replace the default time budget of 40 ms, so that figures do not depend on the machine. */
export const tokensInTime = 24;

/**
 * A user types a part of a file, with what the product shows by default.
 *
 * @param after what stands behind that part, from a line break on; empty where it is not known
 * @param others keys of other open files
 */
export async function typePart(
  subject: Subject,
  file: SourceFile,
  part: { start: number; end: number },
  after: string,
  others: readonly string[],
): Promise<Typed> {
  const { tokenizer } = subject;
  const completer = new Completer(new Runner());
  const window = new PromptWindow(tokenizer, subject.documentStart(file.path));
  const before = file.text.slice(0, part.start);
  const whole = file.text.slice(part.start, part.end);
  let known = before.length;
  return replay(whole, async (written) => {
    const offset = before.length + written.length;
    window.edit(known, known, written.slice(known - before.length));
    known = offset;
    const text = before + written + after;
    const tokens = window.tokensBefore(text, offset);
    const { healedPrefix } = heal(tokenizer, tokens, window.startLength);
    const right = Buffer.concat([
      healedPrefix,
      bytesOfText(whole.slice(written.length)),
    ]);
    const context = createContext({
      uri: uriOf(file),
      path: file.path,
      languageId: file.languageId,
      refusedAccess: undefined,
      settings: {
        ...defaultSettings,
        timeBudget: Infinity,
        maxTokens: tokensInTime,
      },
      text,
      offset,
      trigger: "automatic",
      afterDeletion: false,
      environment: "",
    });
    const runtime = untilWrong(subject.runtime, tokenizer, right);
    const model = { ...subject, runtime };
    const engine = () => ({ model, window, others });
    const { signal } = new AbortController();
    const outcome = await completer.complete(context, engine, signal);
    if (outcome.reason === "failed") throw outcome.error;
    return outcome.text;
  });
}

/** By which the state cache knows a file that is typed. */
export function uriOf({ path }: SourceFile): string {
  return pathToFileURL(path).href;
}

/**
 * The same continuations, except that they end with the first line that is not what the user is
 * going to write: nobody would take what comes after it, and most of the time goes there. The line
 * is generated to its end, since a limit would leave it out; an empty one does not count, since it
 * would not be shown.
 *
 * @param right what the user is going to write, from the continuation's place on
 */
function untilWrong(
  runtime: Runtime,
  tokenizer: Tokenizer,
  right: Uint8Array,
): Runtime {
  const prefill = async (
    ...args: Parameters<Runtime["prefill"]>
  ): Promise<Continuation> =>
    new RightContinuation(await runtime.prefill(...args), tokenizer, right);
  // All that generation asks of a runtime.
  return { prefill } as unknown as Runtime;
}

class RightContinuation implements Continuation {
  /** What has been generated, from the first byte on that is not right. */
  private wrong = Buffer.alloc(0);
  private readonly marks = new WeakMap<
    Mark,
    { wrong: Buffer<ArrayBuffer>; right: Uint8Array }
  >();

  constructor(
    private readonly continuation: Continuation,
    private readonly tokenizer: Tokenizer,
    private right: Uint8Array,
  ) {}

  get prefilled() {
    return this.continuation.prefilled;
  }

  next(): Float32Array {
    // The first token stands for no text, as an end does.
    return this.hasEnded ? Float32Array.of(1) : this.continuation.next();
  }

  passagesAround(tokens: readonly number[]) {
    return this.continuation.passagesAround(tokens);
  }

  async push(token: number): Promise<void> {
    const bytes = this.tokenizer.bytesOf(token);
    const { right } = this;
    let shared = 0;
    if (this.wrong.length === 0)
      while (shared < bytes.length && bytes[shared] === right[shared]) shared++;
    this.right = right.subarray(shared);
    this.wrong = Buffer.concat([this.wrong, bytes.subarray(shared)]);
    if (!this.hasEnded) await this.continuation.push(token);
  }

  mark(): Mark {
    const mark = { ...this.continuation.mark() };
    this.marks.set(mark, { wrong: this.wrong, right: this.right });
    return mark;
  }

  rewind(mark: Mark): void {
    this.continuation.rewind(mark);
    ({ wrong: this.wrong, right: this.right } = this.marks.get(mark)!);
  }

  private get hasEnded(): boolean {
    return /\S.*\n/.test(this.wrong.toString("latin1"));
  }
}
