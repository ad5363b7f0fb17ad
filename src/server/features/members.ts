import type { TextDocument } from "vscode-languageserver-textdocument";
import { isMemberPlace, typedName } from "../../completion/names/candidates";
import type { MembersParams } from "../../protocol";

/** Milliseconds that a suggestion waits for the editor; an answer that comes later serves the next key. */
const maxWaitMs = 40;
/** Longer answers count like this in the average: after three quick ones the next is waited for. */
const slowestMs = 80;
/** The share of the latest answer in the average. */
const ofLatest = 0.3;
/** Milliseconds after which an unanswered editor is asked again. */
const maxSilenceMs = 10_000;
/** Most members that are used. */
const maxMembers = 500;
/** Text before the cursor in which the start of the name is looked for. */
const nearBefore = 256;

const none: ReadonlySet<string> = new Set();
const nothing = () => Promise.resolve(none);

/** Resolves to members once they are needed; waits for them only if that is worth it. */
export type KnownMembers = () => Promise<ReadonlySet<string>>;

interface Asked {
  /** The place: the document, the offset and the line's text before it. */
  readonly key: string;
  /** By `performance.now()`. */
  readonly began: number;
  readonly answer: Promise<ReadonlySet<string>>;
  /** The answer once it is there. */
  names?: ReadonlySet<string>;
  /** Whether a suggestion was made without the answer. */
  isMissed: boolean;
}

/**
 * The members that the editor's own language service offers after a member access. The editor is asked
 * once for each access, and never while an answer is outstanding, to leave its service free.
 */
export class EditorMembers {
  private latest: Asked | undefined;
  /** Whether an answer is outstanding, and whether another place was not asked about meanwhile. */
  private isOwed = false;
  private isPutOff = false;
  /** A moving average of the milliseconds that answers take; 0 before the first. */
  private usualMs = 0;
  /** Questions so far, and those that were answered with names before a suggestion was made without. */
  private questions = 0;
  private timelyAnswers = 0;
  private lateAnswers = 0;
  private changes = 0;

  /** @param ask asks the client; may reject, or never answer */
  constructor(
    private readonly ask: (params: MembersParams) => Promise<readonly string[]>,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  /** Grows when more is known than a suggestion was made with: it is to be made again. */
  get revision(): number {
    return this.changes;
  }

  /**
   * Asks for the members at a place, if it is a member access. What it returns is to be called when
   * they are needed, and never rejects: it gives none where they do not come in time. An editor that
   * usually takes longer than a suggestion may wait is not waited for at all, since each access would
   * take that long for nothing.
   */
  at(document: TextDocument, offset: number): KnownMembers {
    const from = document.positionAt(offset);
    const line = document
      .getText({ start: { line: from.line, character: 0 }, end: from })
      .slice(-nearBefore);
    const typed = typedName(line);
    if (!isMemberPlace({ typed, before: line })) return nothing;
    const start = offset - typed.length;
    const before = line.slice(0, line.length - typed.length);
    const key = `${document.uri}\n${start}\n${before}`;
    if (this.latest?.key === key) return this.known(this.latest);
    if (this.isOwed) {
      this.isPutOff = true;
      return nothing;
    }
    const params = {
      textDocument: { uri: document.uri },
      position: document.positionAt(start),
      before,
    };
    const asked: Asked = {
      key,
      began: performance.now(),
      answer: within(maxSilenceMs, this.names(params), none),
      isMissed: false,
    };
    this.latest = asked;
    this.isOwed = true;
    this.questions++;
    void asked.answer.then((names) => this.answered(asked, names));
    return this.known(asked);
  }

  private known(asked: Asked): KnownMembers {
    return async () => {
      const waited = performance.now() - asked.began;
      const mayWait = this.usualMs <= maxWaitMs && waited < maxWaitMs;
      if (asked.names === undefined && mayWait)
        await within(maxWaitMs - waited, asked.answer, none);
      asked.isMissed ||= asked.names === undefined;
      return asked.names ?? none;
    };
  }

  private answered(asked: Asked, names: ReadonlySet<string>): void {
    asked.names = names;
    const ms = performance.now() - asked.began;
    const latest = Math.min(ms, slowestMs);
    this.usualMs =
      this.usualMs === 0
        ? latest
        : (1 - ofLatest) * this.usualMs + ofLatest * latest;
    const isLate = asked.isMissed && names.size > 0;
    if (isLate) this.lateAnswers++;
    else if (names.size > 0) this.timelyAnswers++;
    if (isLate || this.isPutOff) this.changes++;
    this.isOwed = false;
    this.isPutOff = false;
    this.log(
      `members: ${names.size} in ${ms.toFixed(0)} ms; of ${this.questions} questions ${this.timelyAnswers} were answered in time, ${this.lateAnswers} too late`,
    );
    // An access without members may have some with the next key.
    if (names.size === 0 && this.latest === asked) this.latest = undefined;
  }

  private async names(params: MembersParams): Promise<ReadonlySet<string>> {
    try {
      const names: unknown = await this.ask(params);
      if (!Array.isArray(names)) return none;
      return new Set(
        names.slice(0, maxMembers).filter((name) => typeof name === "string"),
      );
    } catch {
      return none;
    }
  }
}

/** What a promise resolves to, or something else if that takes longer. */
function within<T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), ms).unref();
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
