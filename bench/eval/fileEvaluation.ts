import { heal } from "../../src/completion/healing";
import { commonPrefix } from "../../src/tokenizer/commonPrefix";
import { CopyIndex } from "../../src/copying/copyIndex";
import { TokenisedDocument } from "../../src/tokenizer/tokenisedDocument";
import { encode } from "../../src/tokenizer/tokenizer";
import type { Context } from "../../src/runtime/runtime";
import { bitsOf } from "./bits";
import { Counts } from "./counts";
import { isFound, lineGoal, wordGoal } from "./found";
import { chooseIdentifiers, chooseLines, chooseWindow, seedOf } from "./places";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";
import { typePart, uriOf } from "./typing";

/** Evaluates one file, with the text before each place alone and, if asked for, across files. */
export class FileEvaluation {
  readonly alone = new Counts();
  readonly across = new Counts();
  private readonly signal = new AbortController().signal;
  private readonly key: string;
  /** Tokens of the header, and of header and text. */
  private readonly start: number[];
  private readonly tokens: number[];
  private readonly document: TokenisedDocument;

  constructor(
    private readonly subject: Subject,
    private readonly file: SourceFile,
    private readonly others: readonly SourceFile[] | undefined,
  ) {
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
    const { file, subject, others } = this;
    const seed = seedOf(file.path);
    const lines = chooseLines(file.text, seed).map((place) => ({
      ...place,
      ...this.prompt(place.offset),
      kind: "lines" as const,
      goal: lineGoal(place.expected),
    }));
    const words = chooseIdentifiers(file.text, seed).map((place) => ({
      ...place,
      ...this.prompt(place.offset),
      kind: "identifiers" as const,
      goal: wordGoal(place.expected),
    }));
    const places = [...lines, ...words].sort((a, b) => a.offset - b.offset);
    const part = chooseWindow(file.text, seed);
    const partStart = this.prompt(part.start).shared;

    await this.countBits([partStart, ...places.map(({ shared }) => shared)]);
    others?.forEach((other) => {
      subject.runtime.indexDocument(other.path, tokensOf(subject, other), "");
    });
    for (const place of places) {
      await this.readTo(place.shared, place.lineEnd);
      for (const [counts, sources] of this.modes(place.lineEnd)) {
        const { healed, goal, kind } = place;
        counts[kind]++;
        if (await isFound(subject, this.key, healed, goal, sources))
          counts[`${kind}Found`]++;
      }
    }
    if (isReplayed) {
      await this.readTo(partStart, part.end);
      for (const [counts, sources] of this.modes(part.end)) {
        const { suffix = "", others: open = [] } = sources;
        const typed = await typePart(subject, file, part, suffix, open);
        counts.characters += typed.characters;
        counts.keys += typed.keys;
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
    const { subject, file, tokens, start, others } = this;
    const indexes = others?.map((other) => {
      const index = new CopyIndex(subject.sources.firstText);
      index.update(tokensOf(subject, other));
      return index;
    });
    const bits = await bitsOf(
      subject,
      file,
      tokens,
      start.length,
      keep,
      indexes,
    );
    this.alone.bytes = file.bytes.length;
    this.alone.bits = bits.alone;
    if (others === undefined) return;
    this.across.bytes = file.bytes.length;
    this.across.bits = bits.across;
  }

  /** Has the state of the whole text before `position`, as the product has it by reading ahead. */
  private async readTo(position: number, lineEnd: number): Promise<void> {
    await this.subject.runtime.readAhead(
      this.key,
      this.tokens.slice(0, position + 1),
      this.signal,
      this.others && this.file.text.slice(lineEnd),
    );
  }

  /** Where to count and what to copy from; `end` is where the text to be found ends. */
  private modes(end: number): [Counts, Context][] {
    const { others, alone, across, file } = this;
    if (others === undefined) return [[alone, {}]];
    const open = others.map(({ path }) => path);
    return [
      [alone, {}],
      [across, { suffix: file.text.slice(end), others: open }],
    ];
  }

  private forget(): void {
    const { runtime, network } = this.subject;
    network.forget();
    runtime.forget(this.key);
    this.others?.forEach(({ path }) => runtime.forget(path));
  }
}

function tokensOf(
  { documentStart, tokenizer }: Subject,
  { path, bytes }: SourceFile,
): number[] {
  return [...documentStart(path), ...encode(tokenizer, bytes)];
}
