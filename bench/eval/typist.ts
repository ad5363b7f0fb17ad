import type { CompletionModel } from "../../src/completion/generation";
import { Completer } from "../../src/completion/completer";
import {
  createContext,
  type CompletionContext,
} from "../../src/completion/context";
import { Runner } from "../../src/completion/runner";
import type { Suggestion } from "../../src/completion/suggestion";
import { namesIn } from "../../src/completion/names/names";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { defaultSettings, type Settings } from "../../src/protocol";
import { encode } from "../../src/tokenizer/tokenizer";
import { LineSyntax } from "./lineSyntax";
import type { LineToType } from "./lineToType";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";
import {
  behindPlaces,
  placeAfterKey,
  type Screen,
  type TypedLine,
} from "./typedLine";
import { tokensInTime, uriOf } from "./typing";

/** How lines are typed. */
export interface TypingOptions {
  readonly settings: Partial<Settings>;
  /** With the time budget of the settings; else with the tokens that it is worth. */
  readonly isTimed: boolean;
  /** Whether the editor closes brackets and quotes. */
  readonly isClosing: boolean;
}

/** A place that a suggestion is asked for, as the server asks for it. */
export interface Question {
  readonly context: CompletionContext;
  readonly window: PromptWindow;
  readonly names: readonly ReadonlySet<string>[];
}

/** A file without a line. */
export interface OpenFile {
  readonly questionAt: (at: number) => Question;
  readonly syntax: LineSyntax | undefined;
}

/**
 * One file as the server has it open, without the lines that are to be typed. All suggestions come
 * from the product's own completer.
 */
export class Typist {
  private readonly names: ReadonlySet<string>[];
  private readonly signal = new AbortController().signal;

  /** @param others files open beside it, which the runtime knows by their URIs */
  constructor(
    private readonly subject: Subject,
    private readonly file: SourceFile,
    private readonly others: readonly SourceFile[],
    private readonly options: TypingOptions,
  ) {
    this.names = others.map(({ text }) => namesIn(text));
  }

  /**
   * Types a line as a perfect user; before each key the suggestion is waited for.
   *
   * @throws what the completer failed with
   */
  async type(line: LineToType): Promise<TypedLine> {
    const { isClosing } = this.options;
    const behind = behindPlaces(line.text, isClosing);
    const completer = new Completer(new Runner());
    const { questionAt, syntax } = await this.open(line);
    const screens: Screen[] = [];
    for (let at = 0; at < line.text.length;) {
      const question = questionAt(at);
      const { text } = await this.ask(completer, question, this.subject);
      const shown = text.replaceAll("\r\n", "\n");
      const addsError =
        shown === "" ? undefined : syntax?.addsError(line.start + at, shown);
      screens.push({ typed: at, shown, addsError });
      ({ at } = placeAfterKey(line, at, shown, behind[at]!));
    }
    return { language: this.file.language, line, isClosing, screens };
  }

  /**
   * Opens the file without a line; all before it is read already.
   *
   * @returns what is asked once the first `at` units of the line are written, in any order, and the
   *   syntax of the text as it was asked last
   */
  async open(line: LineToType): Promise<OpenFile> {
    const { file, subject, options, names } = this;
    const start = subject.documentStart(file.path);
    const window = new PromptWindow(subject.tokenizer, start);
    const before = file.text.slice(0, line.start);
    const after = file.text.slice(line.behind);
    const behind = behindPlaces(line.text, options.isClosing);
    await subject.runtime.readAhead(
      uriOf(file),
      window.tokensBefore(before, before.length),
      this.signal,
      after,
    );
    const syntax = await LineSyntax.open(file, before + after);
    let known = "";
    const questionAt = (at: number): Question => {
      // One edit for the key; what the editor has closed stands after the cursor.
      const written = line.text.slice(0, at) + behind[at]!.closers;
      const edited = line.start + known.length;
      const text = before + written + after;
      window.edit(line.start, edited, written);
      syntax?.edit({ start: line.start, end: edited, text: written }, text);
      known = written;
      const offset = line.start + at;
      const context = createContext({
        refusedAccess: undefined,
        uri: uriOf(file),
        path: file.path,
        languageId: file.language,
        settings: this.settings,
        text,
        offset,
        trigger: "automatic",
        afterDeletion: false,
        environment: "",
        ...(syntax && { syntax: syntax.current }),
      });
      return { context, window, names };
    };
    return { questionAt, syntax };
  }

  /** @throws what the completer failed with */
  async ask(
    completer: Completer,
    { context, window, names }: Question,
    model: CompletionModel,
  ): Promise<Suggestion> {
    const others = this.others.map(uriOf);
    const outcome = await completer.complete(
      context,
      () => ({ model, window, others, names }),
      this.signal,
    );
    if (outcome.reason === "failed") throw outcome.error;
    return outcome;
  }

  private get settings(): Settings {
    const settings = { ...defaultSettings, ...this.options.settings };
    return this.options.isTimed
      ? settings
      : { ...settings, timeBudget: Infinity, maxTokens: tokensInTime };
  }
}

/** Takes note of a file that is open beside another one, so that it can be copied from. */
export function openBeside(
  { runtime, documentStart, tokenizer }: Subject,
  file: SourceFile,
): void {
  const { path, bytes } = file;
  const tokens = [...documentStart(path), ...encode(tokenizer, bytes)];
  runtime.indexDocument(uriOf(file), tokens, "");
}
