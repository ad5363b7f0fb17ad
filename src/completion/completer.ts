import type { CopyIndex } from "../copying/copyIndex";
import { samplerFor } from "../engine/sampling";
import type { NoSuggestionReason } from "../protocol";
import type { PromptWindow } from "../runtime/promptWindow";
import type { NameSources } from "./names/completeName";
import { alternativesTo } from "./alternatives";
import {
  suffixAfterLine,
  type CompletionContext,
  type Surroundings,
} from "./context";
import { finish } from "./finish";
import { GrowingSuggestion, type GoingOn } from "./growing";
import { generate, type CompletionModel } from "./generation";
import { InFlight, type Generate } from "./inFlight";
import { postprocess } from "./postprocess";
import { NoSuggestion, noSuggestionReasonOf } from "./reasons";
import { refuse } from "./refuse";
import type { Runner } from "./runner";
import { served } from "./served";
import { suggestionCriteria } from "./stopping";
import { silent, type Suggestion } from "./suggestion";
import type { TextSource } from "./textSource";
import { timeBudgetOf, unlimited, type TimeBudget } from "./timeBudget";
import { keepTypedPast } from "./typedPast";
import { ShownSuggestions, type Found } from "./typedThrough";

/** A model and its inputs from the document and the project. */
export interface GenerationInputs {
  readonly model: CompletionModel;
  /** The document's key in the state cache; default: its URI. */
  readonly key?: string;
  readonly window: PromptWindow;
  /** Keys of other documents that the model may copy from. */
  readonly others?: readonly string[];
  /** The names in each of them. */
  readonly names?: readonly ReadonlySet<string>[];
  /** The names of the project that begin with what is typed. */
  readonly projectNames?: NameSources["projectNames"];
  /** The members that the editor knows at the position. */
  readonly editorMembers?: NameSources["editorMembers"];
  /** Copy indexes of files that are not open, the most related first. */
  readonly more?: readonly CopyIndex[];
  /** Number of alternatives to make; default: none. */
  readonly alternatives?: number;
}

/** What a suggestion is made of. */
interface Material extends GenerationInputs {
  /** Those before the position. */
  readonly tokens: readonly number[];
  readonly timeBudget: TimeBudget;
}

/** Milliseconds that a request waits for the next part of a running generation before it starts one. */
const patienceMs = 100;

/** Completes positions in documents, one at a time. */
export class Completer {
  private readonly shown = new ShownSuggestions();
  private readonly inFlight: InFlight;

  /**
   * @param server a completion server; while it is on, it is asked before the local model
   * @param goingOn hears of generations that go on after the time budget; without it the budget ends
   *   them
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
   * result has a reason.
   *
   * @param inputs called only if a model is needed, and before anything is awaited after that is
   *   known: the document is still the one in `context`
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

      // A request by hand always generates: remembered suggestions, and one under way, are for typing.
      const isAutomatic = context.trigger === "automatic";
      const known = isAutomatic
        ? await this.find(context, signal, request)
        : undefined;
      if (known === "dismissed") return silent("dismissed here");
      const remembered = known && rememberedPart(known, context);
      const typedPast = remembered?.typedPast ?? 0;
      const kept = remembered?.kept;
      if (kept && kept.text !== "") {
        this.shown.show(request, kept);
        return kept;
      }
      if (context.afterDeletion && isAutomatic) return silent("deletion");

      const joined = isAutomatic
        ? this.inFlight.join(context.uri, context, signal)
        : undefined;
      const suggestion = await (joined ??
        this.start(context, inputs(), signal, began));
      // If the new suggestion is the one that was typed past, its letters still count against it.
      const isSame = remembered && goesOnAlike(remembered.rest, suggestion);
      const keys = isSame ? typedPast : 0;
      const part = shownPart(suggestion, keys, context);
      if (part.text === "" && suggestion.text !== "") return part;
      for (const each of (suggestion.alternatives ?? []).toReversed())
        this.shown.add(context, each);
      if (suggestion.text !== "")
        this.shown.add(context, suggestion, request, keys);
      this.shown.show(request, part);
      return part;
    } catch (error) {
      const reason = noSuggestionReasonOf(error, signal);
      return silent(reason, reason === "failed" ? { error } : {});
    }
  }

  /**
   * Starts the generation that an automatic request at a position needs, before that comes: by then it may
   * be complete. Does nothing where a request would need none. Resolves when a first part of it is there.
   *
   * @param inputs as for `complete`
   * @param delayMs milliseconds after which the request is expected
   */
  async startAhead(
    context: CompletionContext,
    inputs: () => GenerationInputs | NoSuggestionReason,
    signal: AbortSignal,
    delayMs: number,
  ): Promise<void> {
    if (this.server?.isOn || this.runner.kind === "generate") return;
    if (context.afterDeletion || refuse(context) !== undefined) return;
    const { uri } = context;
    const known = this.shown.peek(context);
    if (known === "dismissed") return;
    const kept = known && rememberedPart(known, context)?.kept.text;
    if (kept || this.inFlight.isJoinable(uri, context)) return;
    // Nobody has asked here, but there.
    if (this.inFlight.isAwaitedElsewhere(uri)) return;
    const given = inputs();
    if (typeof given === "string") return;
    const requested = performance.now() + delayMs;
    const material = materialOf(context, given, requested);
    const generate = this.generation(context, material);
    await this.inFlight.startAhead(uri, context, signal, generate);
  }

  /** The user has hidden a request's suggestion: it is not shown there until the text changes. */
  dismiss(request: number): void {
    this.shown.dismiss(request);
    this.inFlight.stopUnlessFollowed();
  }

  /** The user has accepted a request's suggestion: after an undo it is not shown again. */
  accept(request: number): void {
    this.shown.accept(request);
  }

  /** Whether a generation is still running after a first part of it was shown, or was started ahead. */
  get isGoingOn(): boolean {
    return this.inFlight.isGoingOn;
  }

  /**
   * Tells of an edit. It ends a generation that is still running after its first part was shown, or was
   * started ahead, unless the user typed the generated text.
   *
   * @param typed the surroundings after the typed text; absent for any other kind of edit
   */
  edited(uri: string, typed?: Surroundings): void {
    this.inFlight.stopUnlessFollowed(uri, typed);
  }

  /** Forgets a document and stops what is computed for it; resolves when that has ended. */
  async forget(uri: string, reason: NoSuggestionReason): Promise<void> {
    this.shown.forget(uri);
    await this.inFlight.stop(new NoSuggestion(reason), uri);
  }

  /** Forgets all suggestions, since what they were made from is no longer so. */
  forgetShown(): void {
    this.shown.clear();
  }

  /** Forgets all suggestions and stops the running one; resolves when it has ended. */
  async reset(reason: NoSuggestionReason): Promise<void> {
    this.shown.clear();
    await this.inFlight.stop(new NoSuggestion(reason));
  }

  /**
   * The remembered suggestion for a position. If all of it is typed and its generation still runs, waits
   * for the next part.
   */
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
    // Read now: the document may have changed when the runner starts this request.
    const material =
      typeof inputs === "string" ? inputs : materialOf(context, inputs, began);
    const generate = this.generation(context, material);
    return this.inFlight.start(context.uri, context, signal, generate);
  }

  /** @param material for the local model; the reason if there is none */
  private generation(
    context: CompletionContext,
    material: Material | NoSuggestionReason,
  ): Generate {
    const server = this.server?.isOn ? this.server : undefined;
    return async (signal, { onText, onPart }) => {
      const written = await served(server, context, signal, onText);
      if (written !== undefined) return written;
      if (typeof material === "string") throw new NoSuggestion(material);
      // The item selected in the list of completions may change with each key.
      const growing =
        this.goingOn && context.selectedItem === undefined
          ? new GrowingSuggestion(context, this.shown, this.goingOn, onPart)
          : undefined;
      let whole: Suggestion | undefined;
      try {
        const made = await suggest(context, material, signal, {
          onText,
          ...(growing && { onSoFar: (soFar) => growing.add(soFar) }),
        });
        // A generation that was stopped is not remembered, even if it was complete by then.
        signal.throwIfAborted();
        return (whole = made);
      } finally {
        growing?.end(whole);
      }
    };
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
   * Called with the suggestion so far when the time budget is spent, and every 50 ms from then on.
   * Returns whether requests can be answered with it.
   */
  readonly onSoFar?: (suggestion: Suggestion) => boolean;
}

/** Generates and post-processes a suggestion, and alternatives if `inputs` asks for them. */
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
  const { settings, selectedText, minConfidence: least } = context;
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
      // An item of the list of completions is a whole name already.
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
      wholeLine: isWholeLine(context) ? context : undefined,
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
      onTimeBudget: onSoFar && ((soFar) => onSoFar(finish(soFar, context))),
    },
  );
  return finish(generated, context);
}

/** Whether a line begins at the cursor, and others follow it. */
function isWholeLine({ linePrefix, lineSuffix, after }: Surroundings): boolean {
  const isBlank = linePrefix.trim() === "" && lineSuffix.trim() === "";
  return isBlank && after.trim() !== "";
}

/**
 * The part of a suggestion that may be shown at a place other than the one it was made for: the text
 * before the cursor has become longer, and letters may have been typed past it.
 */
function shownPart(
  suggestion: Suggestion,
  typedPast: number,
  context: CompletionContext,
): Suggestion {
  const { minConfidence, fits } = context;
  const kept = keepTypedPast(suggestion, typedPast, minConfidence.line);
  const { length } = kept.text;
  if (length === 0) return kept;
  const isWhole = length === suggestion.text.length;
  const isRight = (fits?.(kept.text) ?? length) >= length;
  return isWhole && isRight ? kept : postprocess(kept, context);
}

/** What is left of a remembered suggestion, and the part of that which may be shown; undefined if none is. */
function rememberedPart(
  { rest: found, sameAfter, typedPast }: Found,
  context: CompletionContext,
): { rest: Suggestion; kept: Suggestion; typedPast: number } | undefined {
  const rest = sameAfter ? found : postprocess(found, context);
  if (rest.text === "") return undefined;
  return { rest, kept: shownPart(rest, typedPast, context), typedPast };
}

/** Whether one of two suggestions begins with the other one's first word. */
function goesOnAlike(a: Suggestion, b: Suggestion): boolean {
  const first = /^\W*\w*/.exec(a.text)![0];
  return (
    b.text !== "" && (b.text.startsWith(first) || first.startsWith(b.text))
  );
}
