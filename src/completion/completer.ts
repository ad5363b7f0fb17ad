import type { CopyIndex } from "../copying/copyIndex";
import { samplerFor } from "../engine/sampling";
import type { PromptWindow } from "../runtime/promptWindow";
import type { NameSources } from "./names/completeName";
import { alternativesTo } from "./alternatives";
import { minConfidence } from "./confidence";
import {
  suffixAfterLine,
  type CompletionContext,
  type Surroundings,
} from "./context";
import { finish } from "./finish";
import { GrowingSuggestion, type GoingOn } from "./growing";
import { generate, type CompletionModel } from "./generation";
import { InFlight } from "./inFlight";
import { postprocess } from "./postprocess";
import {
  NoSuggestion,
  noSuggestionReasonOf,
  type NoSuggestionReason,
} from "./reasons";
import { refuse } from "./refuse";
import type { Runner } from "./runner";
import { served } from "./served";
import { suggestionCriteria } from "./stopping";
import { silent, type Suggestion } from "./suggestion";
import type { TextSource } from "./textSource";
import { timeBudgetOf, unlimited, type TimeBudget } from "./timeBudget";
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

/** What a suggestion is made of. */
interface Material extends GenerationInputs {
  /** Those before the position. */
  readonly tokens: readonly number[];
  readonly timeBudget: TimeBudget;
}

/** Milliseconds that a request waits for more of a generation before it starts another one. */
const patienceMs = 100;

/** Completes positions in documents, one at a time. */
export class Completer {
  private readonly shown = new ShownSuggestions();
  private readonly inFlight: InFlight;

  /**
   * @param server asked before the local model, where it is on
   * @param goingOn without it the time budget ends a generation
   */
  constructor(
    private readonly runner: Runner,
    private readonly server?: TextSource,
    private readonly goingOn?: GoingOn,
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
    const began = performance.now();
    try {
      this.inFlight.stopUnlessFollowed(context.uri, context);
      const refused = refuse(context);
      if (refused !== undefined) return silent(refused);

      // By hand, the user wants to know what comes now.
      const { settings, trigger } = context;
      const isAutomatic = trigger === "automatic";
      const known = isAutomatic
        ? await this.find(context, signal, request)
        : undefined;
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
        this.start(context, inputs(), signal, began));
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
    this.inFlight.stopUnlessFollowed();
  }

  /** The suggestion of a request stands in the document now: if that is undone, it stays away. */
  accept(request: number): void {
    this.shown.accept(request);
  }

  /** Whether a generation goes on behind what was shown of it. */
  get isGoingOn(): boolean {
    return this.inFlight.isGoingOn;
  }

  /**
   * A document was edited: ends a generation that goes on, unless its text was typed.
   *
   * @param typed the surroundings behind what was typed; not given: it was another kind of edit
   */
  edited(uri: string, typed?: Surroundings): void {
    this.inFlight.stopUnlessFollowed(uri, typed);
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

  /** What is remembered for a place; if all of that is typed and goes on, its next part. */
  private async find(
    context: CompletionContext,
    signal: AbortSignal,
    request?: number,
  ): Promise<ReturnType<ShownSuggestions["find"]>> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const known = this.shown.find(context, request);
      if (known !== undefined) return known;
      const ms = until - performance.now();
      const { uri } = context;
      if (!(await this.inFlight.more(uri, context, ms, signal)))
        return undefined;
    }
  }

  private start(
    context: CompletionContext,
    inputs: GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
    began: number,
  ): Promise<Suggestion> {
    const server = this.server?.isOn ? this.server : undefined;
    if (typeof inputs === "string" && server === undefined)
      throw new NoSuggestion(inputs);
    if (this.runner.kind === "generate") throw new NoSuggestion("generating");
    // Read at once: the document may have moved on when it is this request's turn.
    const material =
      typeof inputs === "string" ? inputs : materialOf(context, inputs, began);
    return this.inFlight.start(
      context.uri,
      context,
      signal,
      async (runSignal, { onText, onPart }) => {
        const written = await served(server, context, runSignal, onText);
        if (written !== undefined) return written;
        if (typeof material === "string") throw new NoSuggestion(material);
        // An item of the list of completions is chosen anew with each key.
        const growing =
          this.goingOn && context.selectedItem === undefined
            ? new GrowingSuggestion(context, this.shown, this.goingOn, onPart)
            : undefined;
        let whole: Suggestion | undefined;
        try {
          const made = await suggest(context, material, runSignal, {
            onText,
            ...(growing && { onSoFar: (soFar) => growing.add(soFar) }),
          });
          // What was stopped is not to be remembered, though it had come to its end.
          runSignal.throwIfAborted();
          return (whole = made);
        } finally {
          growing?.end(whole);
        }
      },
    );
  }
}

/** @param began when the request came */
function materialOf(
  { text, start, settings, trigger }: CompletionContext,
  inputs: GenerationInputs,
  began: number,
): Material {
  const { model, window } = inputs;
  return {
    ...inputs,
    tokens: window.tokensBefore(text, start),
    timeBudget:
      trigger === "invoked"
        ? unlimited
        : timeBudgetOf(settings.timeBudget, model.network, began),
  };
}

/** Told of a suggestion while it is made. */
interface SuggestionProgress {
  readonly onText?: (text: string) => void;
  /**
   * Given what there is when the time budget is spent, and now and then from there on; tells whether
   * that is of use.
   */
  readonly onSoFar?: (suggestion: Suggestion) => boolean;
}

/** Generates and post-processes, and makes alternatives where they are wanted. */
async function suggest(
  context: CompletionContext,
  material: Material,
  signal: AbortSignal,
  progress: SuggestionProgress,
): Promise<Suggestion> {
  const first = await suggestOne(context, material, signal, progress);
  const { alternatives: most = 0 } = material;
  if (most === 0 || first.text === "") return first;
  const alternatives = await alternativesTo(first, most, (taken) =>
    suggestOne(context, material, signal, { taken }),
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
    tokens,
    timeBudget,
    ...inputs
  }: Material,
  signal: AbortSignal,
  {
    taken = [],
    onText,
    onSoFar,
  }: { taken?: readonly Suggestion[] } & SuggestionProgress,
): Promise<Suggestion> {
  const { settings, selectedText } = context;
  const least = minConfidence(settings.suggestions, context.trigger);
  const generated = await generate(
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
      timeBudget,
      whole: "lines",
      signal,
      onText,
      onTimeBudget:
        onSoFar && ((soFar) => onSoFar(finish(soFar, context, least))),
    },
  );
  return finish(generated, context, least);
}

/** Whether one of two suggestions begins with the other one's first word. */
function goesOnAlike(a: Suggestion, b: Suggestion): boolean {
  const first = /^\W*\w*/.exec(a.text)![0];
  return (
    b.text !== "" && (b.text.startsWith(first) || first.startsWith(b.text))
  );
}
