import type { TextDocument } from "vscode-languageserver-textdocument";
import { isMemberPlace, typedName } from "../../completion/names/candidates";
import type { MembersParams } from "../../protocol";

/** Milliseconds that a suggestion waits for the editor; an answer that comes later serves the next key. */
const maxWaitMs = 40;
/** Milliseconds after which an unanswered editor is asked again. */
const maxSilenceMs = 10_000;
/** Most members that are used. */
const maxMembers = 500;
/** Text before the cursor in which the start of the name is looked for. */
const nearBefore = 256;

const none: ReadonlySet<string> = new Set();

interface Asked {
  /** The place: the document, the offset and the line's text before it. */
  readonly key: string;
  readonly names: Promise<ReadonlySet<string>>;
}

/**
 * The members that the editor's own language service offers after a member access. The editor is asked
 * once for each access, and never while an answer is outstanding, to leave its service free.
 */
export class EditorMembers {
  private latest: Asked | undefined;
  private isOwed = false;
  private lateAnswers = 0;
  /** Questions so far, and those that were answered with names before a suggestion gave up waiting. */
  private questions = 0;
  private timelyAnswers = 0;

  /** @param ask asks the client; may reject, or never answer */
  constructor(
    private readonly ask: (params: MembersParams) => Promise<readonly string[]>,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  /** Grows with each answer that came late: what was suggested without it is to be made again. */
  get revision(): number {
    return this.lateAnswers;
  }

  /**
   * The members at a place; none where it is no member access, or where they do not come in time.
   * Never rejects.
   */
  async at(
    document: TextDocument,
    offset: number,
  ): Promise<ReadonlySet<string>> {
    const from = document.positionAt(offset);
    const line = document
      .getText({ start: { line: from.line, character: 0 }, end: from })
      .slice(-nearBefore);
    const typed = typedName(line);
    if (!isMemberPlace({ typed, before: line })) return none;
    const start = offset - typed.length;
    const before = line.slice(0, line.length - typed.length);
    const key = `${document.uri}\n${start}\n${before}`;
    if (this.latest?.key !== key) {
      if (this.isOwed) return none;
      this.latest = { key, names: this.request(document, start, before) };
    }
    return within(maxWaitMs, this.latest.names, none);
  }

  private async request(
    document: TextDocument,
    start: number,
    before: string,
  ): Promise<ReadonlySet<string>> {
    this.isOwed = true;
    this.questions++;
    const asked = this.names({
      textDocument: { uri: document.uri },
      position: document.positionAt(start),
      before,
    });
    const began = performance.now();
    const names = await within(maxSilenceMs, asked, none);
    this.isOwed = false;
    const ms = performance.now() - began;
    if (names.size > 0)
      if (ms > maxWaitMs) this.lateAnswers++;
      else this.timelyAnswers++;
    this.log(
      `members: ${names.size} in ${ms.toFixed(0)} ms; of ${this.questions} questions ${this.timelyAnswers} were answered within ${maxWaitMs} ms, ${this.lateAnswers} later`,
    );
    // An access without members may have some with the next key.
    if (names.size === 0) this.latest = undefined;
    return names;
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
