import type { CopyIndex } from "../copying/copyIndex";
import { samplerFor } from "../engine/sampling";
import type { PromptWindow } from "../runtime/promptWindow";
import type { NameSources } from "./names/completeName";
import { alternativesTo } from "./alternatives";
import { minConfidence } from "./confidence";
import { suffixAfterLine, type CompletionContext } from "./context";
import { generate, type CompletionModel } from "./generation";
import { InFlight } from "./inFlight";
import { keepSure } from "./keepSure";
import { postprocess } from "./postprocess";
import {
  NoSuggestion,
  noSuggestionReasonOf,
  reasonAfter,
  type NoSuggestionReason,
} from "./reasons";
import { refuse } from "./refuse";
import type { Runner } from "./runner";
import { served } from "./served";
import { suggestionCriteria } from "./stopping";
import { silent, type Suggestion } from "./suggestion";
import type { TextSource } from "./textSource";
import { keepTypedPast } from "./typedPast";
import { ShownSuggestions } from "./typedThrough";

/** A model and what it is to be given of the document and its project. */
export interface GenerationInputs {
  readonly model: CompletionModel;
  /** Under which the states of the document are kept; default: its URI. */
  readonly key?: string;
  readonly window: PromptWindow;
  /** Keys of other documents whose text may be copied from. */
  readonly others?: readonly string[];
  /** The names in each of them. */
  readonly names?: readonly ReadonlySet<string>[];
  /** The names of the project that begin with what is typed. */
  readonly projectNames?: NameSources["projectNames"];
  /** The members that the editor knows at the position. */
  readonly editorMembers?: NameSources["editorMembers"];
  /** Copy indexes of files that are not open, the most related first. */
  readonly more?: readonly CopyIndex[];
  /** How many other texts for the place are wanted; default: none. */
  readonly alternatives?: number;
}

/** Completes positions in documents, one at a time. */
export class Completer {
  private readonly shown = new ShownSuggestions();
  private readonly inFlight: InFlight;

  /** @param server asked before the local model, where it is on */
  constructor(
    private readonly runner: Runner,
    private readonly server?: TextSource,
  ) {
    this.inFlight = new InFlight(runner);
  }

  /**
   * The pipeline: refuse → typed through → in flight → generate → post-process. Never throws; every
   * exit has its reason.
   *
   * @param inputs asked only when a model call is needed, at once, while the document is still the
   *   one in `context`
   * @param request an id by which the suggestion can be dismissed
   */
  async complete(
    context: CompletionContext,
    inputs: () => GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
    request?: number,
  ): Promise<Suggestion> {
    try {
      const refused = refuse(context);
      if (refused !== undefined) return silent(refused);

      // By hand, the user wants to know what comes now.
      const { settings, trigger } = context;
      const isAutomatic = trigger === "automatic";
      const known = isAutomatic ? this.shown.find(context, request) : undefined;
      if (known === "dismissed") return silent("dismissed here");
      const rest =
        known &&
        (known.sameAfter ? known.rest : postprocess(known.rest, context));
      const remembered = rest && rest.text !== "" ? rest : undefined;
      const typedPast = remembered ? known!.typedPast : 0;
      const least = minConfidence(settings.suggestions, trigger).line;
      const kept = remembered && keepTypedPast(remembered, typedPast, least);
      if (kept && kept.text !== "") return kept;
      if (context.afterDeletion && isAutomatic) return silent("deletion");

      const joined = this.inFlight.join(context.uri, context, signal);
      const suggestion = await (joined ??
        this.start(context, inputs(), signal));
      // With more letters the model may be surer of what was typed past, or want something else.
      const isSame = remembered && goesOnAlike(remembered, suggestion);
      const keys = isSame ? typedPast : 0;
      const sure = keepTypedPast(suggestion, keys, least);
      if (sure.text === "" && suggestion.text !== "") return sure;
      for (const each of (suggestion.alternatives ?? []).toReversed())
        this.shown.add(context, each);
      if (suggestion.text !== "")
        this.shown.add(context, suggestion, request, keys);
      return sure;
    } catch (error) {
      const reason = noSuggestionReasonOf(error, signal);
      return silent(reason, reason === "failed" ? { error } : {});
    }
  }

  /** The suggestion of a request stays away from its place until something changes there. */
  dismiss(request: number): void {
    this.shown.dismiss(request);
  }

  /** Forgets a document and stops what is computed for it; resolves when that has ended. */
  async forget(uri: string, reason: NoSuggestionReason): Promise<void> {
    this.shown.forget(uri);
    await this.inFlight.stop(new NoSuggestion(reason), uri);
  }

  /** Forgets all suggestions and stops the running one; resolves when it has ended. */
  async reset(reason: NoSuggestionReason): Promise<void> {
    this.shown.clear();
    await this.inFlight.stop(new NoSuggestion(reason));
  }

  private start(
    context: CompletionContext,
    inputs: GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
  ): Promise<Suggestion> {
    const server = this.server?.isOn ? this.server : undefined;
    if (typeof inputs === "string" && server === undefined)
      throw new NoSuggestion(inputs);
    if (this.runner.kind === "generate") throw new NoSuggestion("generating");
    // Read at once: the document may have moved on when it is this request's turn.
    const tokens =
      typeof inputs === "string"
        ? []
        : inputs.window.tokensBefore(context.text, context.start);
    return this.inFlight.start(
      context.uri,
      context,
      signal,
      async (runSignal, onText) => {
        const written = await served(server, context, runSignal, onText);
        if (written !== undefined) return written;
        if (typeof inputs === "string") throw new NoSuggestion(inputs);
        return suggest(context, inputs, tokens, runSignal, onText);
      },
    );
  }
}

/** Generates and post-processes, and makes alternatives where they are wanted. */
async function suggest(
  context: CompletionContext,
  inputs: GenerationInputs,
  tokens: readonly number[],
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Suggestion> {
  const first = await suggestOne(context, inputs, tokens, signal, { onText });
  const { alternatives: most = 0 } = inputs;
  if (most === 0 || first.text === "") return first;
  const alternatives = await alternativesTo(first, most, (taken) =>
    suggestOne(context, inputs, tokens, signal, { taken }),
  );
  return { ...first, alternatives };
}

async function suggestOne(
  context: CompletionContext,
  {
    model,
    key = context.uri,
    window,
    others = [],
    more = [],
    ...inputs
  }: GenerationInputs,
  tokens: readonly number[],
  signal: AbortSignal,
  {
    taken = [],
    onText,
  }: { taken?: readonly Suggestion[]; onText?: (text: string) => void },
): Promise<Suggestion> {
  const { settings, selectedText } = context;
  const least = minConfidence(settings.suggestions, context.trigger);
  const { text, stop, timings, ...decoded } = await generate(
    model,
    {
      key,
      tokens,
      startLength: window.startLength,
      before: context.before,
      languageId: context.languageId,
      selectedText,
      context: {
        suffix: suffixAfterLine(context.text, context.end),
        others,
        more,
      },
      // An item of the list of completions is a whole name that the user has chosen.
      ...(selectedText === "" && {
        names: {
          languageId: context.languageId,
          before: context.before,
          after: context.after,
          names: inputs.names ?? [],
          projectNames: inputs.projectNames,
          editorMembers: inputs.editorMembers,
        },
      }),
      taken,
      midLine: context.lineSuffix.trim() === "" ? undefined : context,
    },
    {
      sampler: samplerFor(settings),
      stoppingCriteria: suggestionCriteria(context, settings.maxLines),
      maxTokens: settings.maxTokens,
      minConfidence: least.line,
      minConfidenceOfLines: least.lines,
      minConfidenceOfNewWord: least.newWord,
      timeBudget:
        context.trigger === "invoked" ? Infinity : settings.timeBudget,
      whole: "lines",
      signal,
      onText,
    },
  );
  if (text === "") return silent(reasonAfter(stop), { stop, timings });
  const suggestion = postprocess(
    { text, reason: "generated", stop, tokens: decoded.tokens, timings },
    context,
  );
  return suggestion.text === "" ? suggestion : keepSure(suggestion, least);
}

/** Whether one of two suggestions begins with the other one's first word. */
function goesOnAlike(a: Suggestion, b: Suggestion): boolean {
  const first = /^\W*\w*/.exec(a.text)![0];
  return (
    b.text !== "" && (b.text.startsWith(first) || first.startsWith(b.text))
  );
}
