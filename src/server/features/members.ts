import type { TextDocument } from "vscode-languageserver-textdocument";
import { isMemberPlace, typedName } from "../../completion/names/candidates";
import { maxMembers, type MembersParams } from "../../protocol";

/** Milliseconds that a request waits for the editor; an answer that comes later serves the next key. */
const maxWaitMs = 40;
/** Longer answers count as so many times the wait in the average, which so falls below it again after some quick ones. */
const slowest = 2;
/** The weight of the latest answer in the moving average, 0 … 1. */
const ofLatest = 0.3;
/** Milliseconds after which an unanswered editor is asked again. */
const maxSilenceMs = 10_000;
/** UTF-16 units before the cursor in which the start of the name is looked for. */
const nearBefore = 256;

const none: ReadonlySet<string> = new Set();
const nothing = () => Promise.resolve(none);

/** Called when members are needed: resolves to them, or to none if they do not come in time. Never rejects. */
export type KnownMembers = () => Promise<ReadonlySet<string>>;

/** A request to the client. */
interface Asked {
  /** The position: the document, the offset and the line's text before it. */
  readonly key: string;
  /** By `performance.now()`. */
  readonly began: number;
  /** Milliseconds from then on that a suggestion waits. */
  readonly waitMs: number;
  readonly answer: Promise<ReadonlySet<string>>;
  /** The answer once it is there. */
  names?: ReadonlySet<string>;
  /** Whether a suggestion was generated without the answer. */
  isMissed: boolean;
}

/**
 * The members that the editor's own language service offers after a member access. The editor is asked
 * once for each access, and never while an answer is outstanding, to leave its service free.
 */
export class EditorMembers {
  private latest: Asked | undefined;
  /** Whether an answer is outstanding. */
  private isAsking = false;
  /** Whether a request for another position was left out because of that. */
  private hasLeftOut = false;
  /** A moving average of the milliseconds that answers take; 0 before the first. */
  private usualMs = 0;
  /** Requests so far, for the log. */
  private questions = 0;
  /** Answers with names that came before a suggestion was generated without them. */
  private timelyAnswers = 0;
  /** Answers with names that came after that. */
  private lateAnswers = 0;
  private changes = 0;

  /** @param ask requests members from the client; may reject, or never resolve */
  constructor(
    private readonly ask: (params: MembersParams) => Promise<readonly string[]>,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  /**
   * A number that is raised when an answer comes too late for a suggestion, or after a position was left
   * out: the suggestion then has to be generated again.
   */
  get revision(): number {
    return this.changes;
  }

  /**
   * Requests the members at a position, if it is behind a member access. The result is called when the
   * suggestion needs them. It waits for the answer, but not if answers usually take longer than a
   * suggestion may wait: then each suggestion would come later without getting its members.
   *
   * @param offset of the cursor, in UTF-16 units
   * @param aheadMs milliseconds until the suggestion is requested
   */
  at(document: TextDocument, offset: number, aheadMs = 0): KnownMembers {
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
    if (this.isAsking) {
      this.hasLeftOut = true;
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
      waitMs: aheadMs + maxWaitMs,
      answer: within(maxSilenceMs, this.names(params), none),
      isMissed: false,
    };
    this.latest = asked;
    this.isAsking = true;
    this.questions++;
    void asked.answer.then((names) => this.answered(asked, names));
    return this.known(asked);
  }

  private known(asked: Asked): KnownMembers {
    return async () => {
      const waited = performance.now() - asked.began;
      const left = asked.waitMs - waited;
      const mayWait = this.usualMs <= asked.waitMs && left > 0;
      if (asked.names === undefined && mayWait)
        await within(left, asked.answer, none);
      asked.isMissed ||= asked.names === undefined;
      return asked.names ?? none;
    };
  }

  private answered(asked: Asked, names: ReadonlySet<string>): void {
    asked.names = names;
    const ms = performance.now() - asked.began;
    const latest = Math.min(ms, slowest * asked.waitMs);
    this.usualMs =
      this.usualMs === 0
        ? latest
        : (1 - ofLatest) * this.usualMs + ofLatest * latest;
    const isLate = asked.isMissed && names.size > 0;
    if (isLate) this.lateAnswers++;
    else if (names.size > 0) this.timelyAnswers++;
    if (isLate || this.hasLeftOut) this.changes++;
    this.isAsking = false;
    this.hasLeftOut = false;
    this.log(
      `members: ${names.size} in ${ms.toFixed(0)} ms; of ${this.questions} questions ${this.timelyAnswers} were answered in time, ${this.lateAnswers} too late`,
    );
    // Nothing was known; the service may know the members at the next key, so it is asked again.
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

/** Resolves as `promise` does, or to `otherwise` after `ms` milliseconds. `promise` must not reject. */
function within<T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), ms).unref();
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
