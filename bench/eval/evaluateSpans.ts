import { availableParallelism } from "node:os";
import type { Context } from "./contexts";
import { inWorkers } from "./inWorkers";
import { choose, seedOf } from "./places";
import { readSourceFiles } from "./sourceFiles";
import { Reliability } from "./reliability";
import { SpanCounts } from "./spanCounts";
import { spanKinds, spansIn, type Span, type SpanKind } from "./spans";
import type { SpanReply } from "./spansWorker";

/** Places of one kind in a file: reading the text before them costs more than asking. */
const spansPerFile = 3;
/** Larger files are left out. */
const mostCharacters = 60_000;

export interface SpanOptions {
  readonly packageFolder: string;
  /** Places of each kind, over all projects. */
  readonly places: number;
  /** What is known besides the file. */
  readonly context: Context;
  /** How sure a suggestion has to be; "invoked": it is asked for by hand and always shown. */
  readonly trigger: "automatic" | "invoked";
}

/** The spans of one file that are asked for. */
export interface SampledSpans {
  readonly folder: string;
  readonly path: string;
  readonly spans: readonly Span[];
}

/** What became of the spans, by kind and by language. */
export interface SpanEvaluation {
  readonly kinds: ReadonlyMap<SpanKind, SpanCounts>;
  readonly languages: ReadonlyMap<string, SpanCounts>;
  /** Confidence against what is exact, where text stands right of the cursor. */
  readonly reliability: Reliability;
}

/**
 * Cuts parts of lines out of the files of some projects and asks for them with all text around them.
 *
 * @throws Error if a process fails, which tells why on stderr
 */
export async function evaluateSpans(
  folders: readonly string[],
  options: SpanOptions,
): Promise<SpanEvaluation> {
  const kinds = new Map(spanKinds.map((kind) => [kind, new SpanCounts()]));
  const languages = new Map<string, SpanCounts>();
  const reliability = new Reliability();
  await inWorkers<SampledSpans, SpanReply[]>(
    "spansWorker.ts",
    options,
    sampleSpans(folders, options.places),
    availableParallelism(),
    (replies) => {
      for (const { kind, language, counts, confidence } of replies) {
        kinds.get(kind)!.add(counts);
        const ofLanguage = languages.get(language) ?? new SpanCounts();
        languages.set(language, ofLanguage);
        ofLanguage.add(counts);
        if (confidence !== undefined)
          reliability.add(confidence, counts.exact > 0);
      }
    },
  );
  return { kinds, languages, reliability };
}

/** Up to `places` spans of each kind, as many from each project; a draw by the files' paths alone. */
export function sampleSpans(
  folders: readonly string[],
  places: number,
): SampledSpans[] {
  const quota = Math.ceil(places / folders.length);
  return folders.flatMap((folder) => {
    const files = readSourceFiles(folder).filter(
      ({ text }) => text.length <= mostCharacters,
    );
    const left = new Map(spanKinds.map((kind) => [kind, quota]));
    const sampled: SampledSpans[] = [];
    const shuffled = files.toSorted((a, b) => seedOf(a.path) - seedOf(b.path));
    for (const { path, text } of shuffled) {
      const all = spansIn(text);
      const spans = spanKinds.flatMap((kind) => {
        const count = Math.min(spansPerFile, left.get(kind)!);
        const ofKind = all.filter((span) => span.kind === kind);
        const drawn = choose(ofKind, count, seedOf(path));
        left.set(kind, left.get(kind)! - drawn.length);
        return drawn;
      });
      // In order, so that each continues what was read for the one before.
      spans.sort((a, b) => a.start - b.start);
      if (spans.length > 0) sampled.push({ folder, path, spans });
    }
    return sampled;
  });
}
