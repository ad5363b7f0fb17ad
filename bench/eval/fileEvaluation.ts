import type { ProjectNames } from "../../src/completion/names/candidates";
import { surroundingsAt } from "../../src/completion/context";
import { heal } from "../../src/completion/healing";
import { namesIn } from "../../src/completion/names/names";
import { commonPrefix } from "../../src/tokenizer/commonPrefix";
import { CopyIndex } from "../../src/copying/copyIndex";
import { TokenisedDocument } from "../../src/tokenizer/tokenisedDocument";
import type { Context } from "../../src/runtime/runtime";
import { keptPosition } from "../../src/state/stateCache";
import { bitsOf } from "./bits";
import type { Known } from "./contexts";
import { Counts } from "./counts";
import { isFound, isLineFound, isNameFound, lineGoal, wordGoal } from "./found";
import { bitsOfLine, sampleLines, type SampledLine } from "./lineBits";
import {
  chooseIdentifiers,
  chooseLines,
  chooseWindow,
  seedOf,
  type Place,
} from "./places";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";
import { openBeside, tokensOf } from "./typist";
import { typePart, uriOf } from "./typing";

/** What is known while a file is evaluated. */
export interface Row {
  readonly known: Known;
  /** Whether the text behind the place is known. */
  readonly suffix: boolean;
  /** Whether half-typed names are ranked, as in the product; else the network writes them alone. */
  readonly ranksNames: boolean;
}

/** Evaluates one file with different things known, a row each. */
export class FileEvaluation {
  /** One for each row. */
  readonly counts: readonly Counts[];
  private readonly signal = new AbortController().signal;
  private readonly key: string;
  /** Tokens of the header, and of header and text. */
  private readonly start: number[];
  private readonly tokens: number[];
  private readonly document: TokenisedDocument;
  private readonly open: ReadonlySet<SourceFile>;

  constructor(
    private readonly subject: Subject,
    private readonly file: SourceFile,
    private readonly rows: readonly Row[],
  ) {
    this.counts = rows.map(() => new Counts());
    this.open = new Set(rows.flatMap(({ known }) => known.open));
    this.key = uriOf(file);
    this.start = subject.documentStart(file.path);
    this.tokens = tokensOf(subject, file);
    this.document = new TokenisedDocument(
      subject.tokenizer,
      this.start,
      file.text,
    );
  }

  /** @param isReplayed whether a part of the file is typed */
  async run(isReplayed: boolean): Promise<void> {
    const { file, subject } = this;
    const seed = seedOf(file.path);
    const prompted = (place: Place) => ({
      ...place,
      ...this.prompt(place.offset),
    });
    const places = [
      ...chooseLines(file.text, seed).map((place) => ({
        ...prompted(place),
        kind: "lines" as const,
      })),
      ...chooseIdentifiers(file.text, seed).map((place) => ({
        ...prompted(place),
        kind: "identifiers" as const,
      })),
    ].sort((a, b) => a.offset - b.offset);
    const part = chooseWindow(file.text, seed);
    const partStart = this.prompt(part.start).shared;

    const lines = this.isSuffixKnown
      ? sampleLines(subject.tokenizer, file, this.tokens, this.start.length)
      : [];

    await openBeside(subject, [...this.open]);
    const positions = [
      partStart,
      ...places.map(({ shared }) => shared),
      ...lines.map(({ tokens }) => tokens[0]!.position),
    ];
    // Where `readTo` ends.
    await this.countBits(positions.map((at) => keptPosition(at + 1)));
    await this.countLineBits(lines);
    for (const place of places) {
      await this.readTo(place.shared, place.lineEnd);
      await this.readSuffix(place.lineEnd);
      for (const [i, row] of this.rows.entries()) {
        const counts = this.counts[i]!;
        const { healed, kind, expected } = place;
        const context = this.context(row, place.lineEnd);
        counts[kind]++;
        const found =
          kind === "identifiers" && row.ranksNames
            ? isNameFound(
                subject,
                this.key,
                healed,
                expected,
                context,
                this.names(row, place),
              )
            : kind === "lines" && context.suffix
              ? isLineFound(
                  subject,
                  this.key,
                  healed,
                  expected,
                  context,
                  this.around(place),
                )
              : isFound(
                  subject,
                  this.key,
                  healed,
                  kind === "lines" ? lineGoal(expected) : wordGoal(expected),
                  context,
                );
        counts[`${kind}Found`] += Number(await found);
      }
    }
    if (isReplayed) {
      await this.readTo(partStart, part.end);
      await this.readSuffix(part.end);
      for (const [i, row] of this.rows.entries()) {
        const { suffix = "", others = [] } = this.context(row, part.end);
        const typed = await typePart(subject, file, part, suffix, others);
        this.counts[i]!.characters += typed.characters;
        this.counts[i]!.keys += typed.keys;
      }
    }
    this.forget();
  }

  /** What is asked behind `offset`, and how much of that are the file's own first tokens. */
  private prompt(offset: number) {
    const before = this.document.tokensBefore(offset);
    const healed = heal(this.subject.tokenizer, before, this.start.length);
    const common = commonPrefix(this.tokens, healed.tokens);
    return { healed, shared: Math.min(common, healed.tokens.length - 1) };
  }

  private async countBits(keep: readonly number[]): Promise<void> {
    const { subject, file, tokens, start, rows } = this;
    const indexes = new Map(
      [...this.open].map((other) => {
        const index = new CopyIndex(subject.sources.firstText);
        index.update(tokensOf(subject, other));
        return [other, index];
      }),
    );
    const mixedIn = rows.map(({ known, suffix }) => {
      const more = known.project?.sourcesFor(file) ?? [];
      return {
        suffix,
        others: [...known.open.map((other) => indexes.get(other)!), ...more],
        vectors: subject.runtime.nearVectors({
          others: known.open.map(uriOf),
          more,
        }),
      };
    });
    const bits = await bitsOf(
      subject,
      file,
      tokens,
      start.length,
      keep,
      mixedIn,
    );
    this.counts.forEach((counts, i) => {
      counts.bytes = file.bytes.length;
      counts.bits = bits[i]!;
    });
  }

  /** Asks for lines with the text behind them known, before and after the network has read it. */
  private async countLineBits(lines: readonly SampledLine[]): Promise<void> {
    const { subject, key, tokens, file } = this;
    const sampled = lines.reduce((sum, { bytes }) => sum + bytes, 0);
    const count = async (
      line: SampledLine,
      bits: "lineBits" | "lineBitsUnread",
    ) => {
      for (const [i, row] of this.rows.entries()) {
        if (!row.suffix) continue;
        const context = this.context(row, line.end);
        const cost = await bitsOfLine(subject, key, tokens, line, context);
        this.counts[i]![bits] += cost * (file.bytes.length / sampled);
      }
    };
    for (const line of lines) {
      // Another line may have had the same text behind it.
      subject.runtime.stopCopying(key);
      await this.readTo(line.tokens[0]!.position, line.end);
      await count(line, "lineBitsUnread");
      await this.readSuffix(line.end);
      await count(line, "lineBits");
    }
    this.counts.forEach((counts, i) => {
      if (this.rows[i]!.suffix) counts.lineBytes = file.bytes.length;
    });
  }

  /** Has the state of the whole text before `position`, as the product has it by reading ahead. */
  private async readTo(position: number, lineEnd: number): Promise<void> {
    const { key, signal } = this;
    const suffix = this.isSuffixKnown ? this.file.text.slice(lineEnd) : "";
    const tokens = this.tokens.slice(0, position + 1);
    await this.subject.runtime.readAhead(key, tokens, signal, suffix);
  }

  /** Has the text behind a line read, if it is known in a row. */
  private async readSuffix(lineEnd: number): Promise<void> {
    if (!this.isSuffixKnown) return;
    const { key, signal, start } = this;
    const suffix = this.file.text.slice(lineEnd);
    await this.subject.runtime.readSuffix(key, start, signal, suffix);
  }

  private get isSuffixKnown(): boolean {
    return this.rows.some((row) => row.suffix);
  }

  /** What to copy from; `end` is where the text to be found ends. */
  private context({ known, suffix }: Row, end: number): Context {
    return {
      ...(suffix && { suffix: this.file.text.slice(end) }),
      others: known.open.map(uriOf),
      more: known.project?.sourcesFor(this.file) ?? [],
    };
  }

  /** The text on both sides of a place whose line's rest is not there. */
  private around({ offset, lineEnd }: Place) {
    const { text, languageId } = this.file;
    return surroundingsAt(
      languageId,
      text.slice(0, offset) + text.slice(lineEnd),
      offset,
    );
  }

  /** Where to look for a name; its line's rest is nowhere in the open file. */
  private names(
    { known: { open, project }, suffix }: Row,
    { offset, lineEnd }: Place,
  ) {
    const { file } = this;
    const before = file.text.slice(0, offset);
    const after = suffix ? file.text.slice(lineEnd) : "";
    const lineStart = before.lastIndexOf("\n") + 1;
    project?.edit(file, file.text.slice(0, lineStart) + after);
    return {
      languageId: file.languageId,
      before,
      after,
      names: open.map(({ text }) => namesIn(text)),
      projectNames:
        project &&
        ((place: Parameters<ProjectNames>[0]) =>
          project.candidates(file, place)),
    };
  }

  private forget(): void {
    const { runtime, network } = this.subject;
    network.forget();
    runtime.forget(this.key);
    for (const other of this.open) runtime.forget(uriOf(other));
  }
}
