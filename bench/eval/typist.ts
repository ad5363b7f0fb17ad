import type { MinConfidence } from "../../src/completion/confidence";
import type { CompletionModel } from "../../src/completion/generation";
import {
  Completer,
  type GenerationInputs,
} from "../../src/completion/completer";
import type { NameSources } from "../../src/completion/names/completeName";
import {
  createContext,
  suffixAfterLine,
  type CompletionContext,
} from "../../src/completion/context";
import { Runner } from "../../src/completion/runner";
import type { TextSource } from "../../src/completion/textSource";
import type { Suggestion } from "../../src/completion/suggestion";
import { namesIn } from "../../src/completion/names/names";
import { neighbourFiles, neighbourTokens } from "../../src/runtime/fileVectors";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { defaultSettings, type Settings } from "../../src/protocol";
import { encode } from "../../src/tokenizer/tokenizer";
import { LineSyntax } from "./lineSyntax";
import type { Known } from "./contexts";
import type { LineToType } from "./lineToType";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";
import {
  closedAtEach,
  placeAfterKey,
  runToTake,
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
  /** Keys for which something right has been on the screen before the user takes it; default: 0. */
  readonly reaction?: number;
  /** How likely a suggestion has to be that is not asked for by hand; absent: as the settings say. */
  readonly minConfidence?: MinConfidence;
  /** Generates in place of the model; absent: the model does. */
  readonly server?: TextSource;
}

/** The inputs of a request at a place, as the server makes them. */
export interface Question {
  readonly context: CompletionContext;
  readonly window: PromptWindow;
}

/** A file without a line. */
export interface OpenFile {
  readonly questionAt: (
    at: number,
    trigger?: CompletionContext["trigger"],
  ) => Question;
  readonly syntax: LineSyntax | undefined;
}

/**
 * One file as the server has it open, without the lines that are to be typed. All suggestions come
 * from the product's own completer.
 */
export class Typist {
  private readonly names: ReadonlySet<string>[];
  private readonly signal = new AbortController().signal;

  /** @param known files open beside it the runtime knows by their URIs */
  constructor(
    private readonly subject: Subject,
    private readonly file: SourceFile,
    private readonly known: Known,
    private readonly options: TypingOptions,
  ) {
    this.names = known.open.map(({ text }) => namesIn(text));
  }

  /**
   * Types a line as a user who takes what is right; before each key the suggestion is waited for.
   *
   * @throws what the completer failed with
   */
  async type(line: LineToType): Promise<TypedLine> {
    const { isClosing, reaction = 0 } = this.options;
    const closed = closedAtEach(line.text, isClosing);
    const completer = new Completer(new Runner(), this.options.server);
    const { questionAt, syntax } = await this.open(line);
    const screens: Screen[] = [];
    let seen = 0;
    for (let at = 0; at < line.text.length;) {
      const question = questionAt(at);
      const began = performance.now();
      const { text, reason } = await this.ask(
        completer,
        question,
        this.subject,
      );
      const ms =
        reason === "typed through" ? undefined : performance.now() - began;
      const shown = text.replaceAll("\r\n", "\n");
      const addsError =
        shown === "" ? undefined : syntax?.addsError(line.start + at, shown);
      screens.push({ typed: at, shown, addsError, ms });
      const run = runToTake(line, at, shown, closed[at]!);
      const taken = seen >= reaction ? run : 0;
      seen = run === 0 || taken > 0 ? 0 : seen + 1;
      at = placeAfterKey(line, at, taken);
    }
    return { language: this.file.language, line, isClosing, screens };
  }

  /**
   * Opens the file without a line; all before it is read already.
   *
   * @returns what is asked once the first `at` units of the line are written, in any order, by itself
   *   or by hand, and the syntax of the text as it was asked last
   */
  async open(line: LineToType): Promise<OpenFile> {
    const { file, subject, options } = this;
    const start = subject.documentStart(file.path);
    const window = new PromptWindow(subject.tokenizer, start);
    const before = file.text.slice(0, line.start);
    const after = file.text.slice(line.suffixStart);
    const closed = closedAtEach(line.text, options.isClosing);
    await subject.runtime.readAhead(
      uriOf(file),
      window.tokensBefore(before, before.length),
      this.signal,
      after,
    );
    await subject.runtime.readSuffix(
      uriOf(file),
      start,
      this.signal,
      suffixAfterLine(before + after, line.start),
    );
    const syntax = await LineSyntax.open(file, before + after);
    this.known.project?.edit(file, before + after);
    let known = "";
    const questionAt: OpenFile["questionAt"] = (at, trigger = "automatic") => {
      // One edit for the key; what the editor has closed stands after the cursor.
      const written = line.text.slice(0, at) + closed[at]!.closers;
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
        languageId: file.languageId,
        settings: this.settings,
        text,
        offset,
        trigger,
        afterDeletion: false,
        environment: "",
        ...(syntax && { syntax: syntax.current }),
        mayLeave: () => true,
      });
      const { minConfidence } = trigger === "automatic" ? options : {};
      return {
        context: { ...context, ...(minConfidence && { minConfidence }) },
        window,
      };
    };
    return { questionAt, syntax };
  }

  /** @throws what the completer failed with */
  async ask(
    completer: Completer,
    { context, window }: Question,
    model: CompletionModel,
  ): Promise<Suggestion> {
    const outcome = await completer.complete(
      context,
      () => ({ model, window, ...this.inputs }),
      this.signal,
    );
    if (outcome.reason === "failed") throw outcome.error;
    return outcome;
  }

  /** What a suggestion is given of other files. */
  get inputs(): Required<Pick<GenerationInputs, "others" | "more">> &
    Pick<NameSources, "names" | "projectNames"> {
    const { file, names } = this;
    const { open, project } = this.known;
    return {
      others: open.map(uriOf),
      names,
      more: project?.sourcesFor(file) ?? [],
      projectNames: project && ((place) => project.candidates(file, place)),
    };
  }

  private get settings(): Settings {
    const settings = { ...defaultSettings, ...this.options.settings };
    return this.options.isTimed
      ? settings
      : { ...settings, timeBudget: Infinity, maxTokens: tokensInTime };
  }
}

/**
 * Takes note of files that are open beside another one, so that it can be copied from them and compared
 * with them.
 *
 * @param files the nearest first
 */
export async function openBeside(
  subject: Subject,
  files: readonly SourceFile[],
): Promise<void> {
  const { runtime, sources } = subject;
  const { signal } = new AbortController();
  for (const [i, file] of files.entries()) {
    const key = uriOf(file);
    const tokens = tokensOf(subject, file);
    // As the product reads visible ones; more than these are not compared with.
    if (sources.neighbourGate !== undefined && i < neighbourFiles)
      await runtime.readAhead(
        key,
        tokens.slice(0, neighbourTokens + 2),
        signal,
      );
    runtime.indexDocument(key, tokens, "");
  }
}

/** A file's path and text. */
export function tokensOf(
  { documentStart, tokenizer }: Pick<Subject, "documentStart" | "tokenizer">,
  { path, bytes }: SourceFile,
): number[] {
  return [...documentStart(path), ...encode(tokenizer, bytes)];
}
