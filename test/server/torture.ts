import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  CancellationTokenSource,
  ResponseError,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { seededRandom } from "../../src/engine/sampling";
import type { ClientEnd } from "../support/memoryServer";
import { checkAfter, textOfStateFile } from "../support/tortureModel";

export interface TortureOptions {
  readonly seed: number;
  /** Holds `work`, the workspace, with the link `work/link.ts` to `work/.env`, and `states`. */
  readonly folder: string;
  /** Whether answers are held against {@link checkAfter}. */
  readonly checks: boolean;
}

/** Names of documents, all in the workspace; each is excluded at some time, some always are. */
const names = [
  "main.ts",
  "a.ts",
  "b.py",
  "lib/c.ts",
  "lib/deep/d.ts",
  "private/e.ts",
  "x/../f.ts",
  "g%2Ets",
  "link.ts",
  ".env",
  "x/../.ENV",
  "%2Eenv.local",
  "lib/credentials.json",
];
const alwaysExcluded = new Set(names.slice(8));

/** Lists of globs and the names that they exclude. */
const lists: [unknown, readonly string[]][] = [
  [[], []],
  [["a.ts"], ["a.ts"]],
  [["lib"], ["lib/c.ts", "lib/deep/d.ts"]],
  [["lib/"], ["lib/c.ts", "lib/deep/d.ts"]],
  [
    ["**/deep", "!.npmrc", "*.PY"],
    ["lib/deep/d.ts", "b.py"],
  ],
  [["/private", "*a*a*a*a*a*a*a*b"], ["private/e.ts"]],
  [["{main,f,g}.ts"], ["main.ts", "x/../f.ts", "g%2Ets"]],
  [["**"], names],
  [[7], names],
  ["a.ts", names],
];

interface OpenText {
  readonly name: string;
  readonly uri: string;
  readonly languageId: string;
  /** Stands in this document alone. */
  readonly canary: string;
  version: number;
  text: string;
  /** The client made a change that no server can follow. */
  isLost: boolean;
}

interface Pending {
  readonly token: CancellationTokenSource;
  readonly done: Promise<unknown>;
  readonly sent: number;
}

const parts = [
  "let ",
  "key = ",
  "canar",
  "canary",
  "a",
  "foo",
  "(",
  ")",
  " ",
  "\n",
  "\r\n",
  "\r",
  "é",
  "中",
  "😀",
  "#=",
  "\n#=\n",
  ";",
];

/** A client that does what clients do, and what they should not, at random. */
export class ServerTorture {
  readonly counts = new Map<string, number>();
  /** How often each reason was logged. */
  readonly reasons = new Map<string, number>();
  /** Longest time from a cancellation to the answer, in milliseconds. */
  slowestCancel = 0;
  answered = 0;
  suggested = 0;
  checked = 0;

  private readonly random: () => number;
  private readonly open = new Map<string, OpenText>();
  private readonly pending = new Set<Pending>();
  /** Canaries that must not show any more. */
  private readonly forbidden = new Set<string>();
  /** Of these, those that not even *Generate* may read. */
  private readonly locked = new Set<string>();
  private readonly log: string[] = [];
  private excluded = lists[0]!;
  private enable = true;
  private configuration: "answers" | "fails" | "hangs" = "answers";
  private released: () => void = () => undefined;
  /** Into which documents *Generate* writes, by token. */
  private readonly generating = new Map<unknown, OpenText>();
  private canaries = 0;
  private failure: Error | undefined;

  constructor(
    private readonly end: ClientEnd,
    private readonly options: TortureOptions,
  ) {
    this.random = seededRandom(options.seed);
  }

  private get connection(): MessageConnection {
    return this.end.connection;
  }

  async start(initializationOptions: object = {}): Promise<void> {
    const { connection } = this;
    connection.onNotification("window/logMessage", (params: unknown) => {
      this.log.push(JSON.stringify(params));
    });
    connection.onNotification(
      "$/progress",
      ({ token, value }: { token: unknown; value: unknown }) =>
        this.look(String(value), this.generating.get(token)),
    );
    connection.onRequest("workspace/configuration", (params: object) =>
      this.answer(params as { items: unknown[] }),
    );
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("window/workDoneProgress/create", () => null);
    connection.onUnhandledNotification(() => undefined);
    connection.listen();
    await connection.sendRequest("initialize", {
      processId: null,
      rootUri: null,
      workspaceFolders: [{ uri: this.uriOf(""), name: "work" }],
      capabilities: { workspace: { configuration: true } },
      initializationOptions: {
        statesPath: join(this.options.folder, "states"),
        ...initializationOptions,
      },
    });
    await connection.sendNotification("initialized", {});
  }

  /** Takes some steps and then looks at everything. @throws AssertionError with what went wrong */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.step();
      if (this.failure) throw this.failure;
    }
    await this.settle();
    await this.inspect();
    if (this.failure) throw this.failure;
  }

  private async step(): Promise<void> {
    const actions: [string, number, () => Promise<void> | void][] = [
      ["edit", 30, () => this.edit()],
      ["complete", 30, () => this.complete()],
      ["cancel", 8, () => this.cancel()],
      ["open", 6, () => this.openOne()],
      ["close", 2, () => this.closeOne()],
      ["rename", 2, () => this.rename()],
      ["generate", 2, () => this.generate()],
      ["exclude", 1.5, () => this.exclude()],
      ["show", 3, () => this.show()],
      ["ask", 3, () => this.ask()],
      ["malformed", 3, () => this.malformed()],
      ["wait", 4, () => this.wait()],
      ["settle", 2, () => this.settle()],
      ["inspect", 0.05, () => this.inspect()],
    ];
    let at = this.random() * actions.reduce((sum, [, share]) => sum + share, 0);
    const [name, , act] = actions.find(([, share]) => (at -= share) < 0)!;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    await act();
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private one<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  private document(): OpenText | undefined {
    return this.one([...this.open.values()]);
  }

  private uriOf(name: string): string {
    const root = pathToFileURL(join(this.options.folder, "work")).href;
    return name === "" ? root : `${root}/${name}`;
  }

  private isExcluded({ name, languageId }: OpenText): boolean {
    return (
      !this.enable ||
      this.configuration !== "answers" ||
      languageId === "off" ||
      alwaysExcluded.has(name) ||
      this.excluded[1].includes(name)
    );
  }

  private answer({ items }: { items: unknown[] }): unknown {
    const settings = {
      enable: this.enable,
      languages: { "*": true, off: false },
      exclude: this.excluded[0],
      timeBudget: 10_000,
      maxTokens: 24,
      generate: { maxTokens: 24, temperature: 0 },
    };
    const answer = items.map(() => settings);
    if (this.configuration === "fails") throw new ResponseError(-32603, "no");
    if (this.configuration === "answers") return answer;
    return new Promise((resolve) => {
      const { released } = this;
      this.released = () => {
        released();
        resolve(answer);
      };
    });
  }

  private async openOne(name = this.one(names)): Promise<OpenText> {
    const canary = canaryOf(++this.canaries);
    // A document that has none of its own shows whether it gets another's.
    const named = this.chance(0.5) ? canary : "none";
    const lines = Array.from({ length: this.below(30) }, (_, i) =>
      this.chance(0.3) ? `let key = ${named};` : `call(${i}, ${named})`,
    );
    if (named === "none") lines.length = 0;
    const eol = this.one(["\n", "\n", "\r\n", "\r"]);
    const text = [...lines, "let key = ", "#="].join(eol);
    const uri = this.uriOf(name);
    const languageId = this.chance(0.1) ? "off" : "typescript";
    const open = {
      name,
      uri,
      languageId,
      canary,
      version: 1,
      text,
      isLost: false,
    };
    const old = this.open.get(uri);
    this.open.set(uri, open);
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId, version: 1, text },
    });
    if (old !== undefined && this.isExcluded(open))
      await this.forbid(open, [old]);
    return open;
  }

  private async closeOne(open = this.document()): Promise<void> {
    if (open === undefined) return;
    this.open.delete(open.uri);
    await this.connection.sendNotification("textDocument/didClose", {
      textDocument: { uri: open.uri },
    });
  }

  /** A document gets another name, as editors do it: it is closed and opened again. */
  private async rename(): Promise<void> {
    const old = this.document();
    if (old === undefined) return;
    await this.closeOne(old);
    const open = await this.openOne();
    if (this.chance(0.5))
      await this.connection.sendNotification("workspace/didRenameFiles", {
        files: [{ oldUri: old.uri, newUri: open.uri }],
      });
    if (this.isExcluded(open)) await this.forbid(open, [old]);
  }

  /** From when a document is known to be excluded, what was read of it must not show. */
  private async forbid(
    { uri }: OpenText,
    documents: readonly OpenText[],
  ): Promise<void> {
    if (this.configuration === "hangs") return;
    await this.connection.sendRequest("rwkv/availability", {
      textDocument: { uri },
    });
    for (const { canary } of documents) this.forbidden.add(canary);
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private async edit(): Promise<void> {
    const open = this.document();
    if (open === undefined) return;
    const changes: unknown[] = [];
    for (let n = 1 + this.below(2); n > 0; n--) changes.push(this.change(open));
    open.version++;
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: open.uri, version: open.version },
      contentChanges: changes,
    });
  }

  private change(open: OpenText): unknown {
    let text = this.one(parts) + (this.chance(0.3) ? this.one(parts) : "");
    if (
      this.chance(0.02) ||
      open.text.length > 3000 ||
      (open.isLost && this.chance(0.2))
    ) {
      open.text = `let key = ${open.canary};\n${text}`;
      open.isLost = false;
      return {
        text: open.text,
        ...(this.chance(0.5) && { range: null, rangeLength: null }),
      };
    }
    if (this.chance(0.02)) {
      open.isLost = true;
      return this.one<unknown>([
        { range: 3, text },
        {
          range: {
            start: { line: 1e6, character: 0 },
            end: { line: 1e6, character: 1 },
          },
          text,
        },
        { text: 5 },
        null,
        open.text,
      ]);
    }
    const places = offsetsOf(open.text);
    const from = this.chance(0.5) ? open.text.length : this.one(places);
    const to = this.chance(0.6)
      ? from
      : Math.min(open.text.length, from + this.below(20));
    const end = places.findLast((place) => place <= to) ?? 0;
    const start = Math.min(from, end);
    // A CR at the end and an LF after it would be one line end, and the place behind it none.
    if (open.text[end] === "\n" && text.endsWith("\r")) text += "\n";
    const range = {
      start: positionAt(open.text, start),
      end: positionAt(open.text, end),
    };
    // Places beyond a line's end, and beyond the last line, are its end and the text's.
    if (end === open.text.length && this.chance(0.1)) range.end.line += 5;
    open.text = open.text.slice(0, start) + text + open.text.slice(end);
    return { range, text, ...(this.chance(0.1) && { rangeLength: null }) };
  }

  private async complete(): Promise<void> {
    this.askCompletion();
    if (this.configuration !== "hangs" && this.chance(0.6)) await this.settle();
  }

  private askCompletion(): void {
    const open = this.document();
    if (open === undefined) return;
    const lost = open.isLost;
    const { text } = open;
    const check = text.lastIndexOf("#=");
    const offset =
      this.chance(0.5) && check >= 0
        ? check + 2
        : this.chance(0.3) && text.includes("let key = ")
          ? text.lastIndexOf("let key = ") + 10
          : this.chance(0.7)
            ? text.length
            : this.one(offsetsOf(text));
    const position = positionAt(text, offset);
    this.request(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri: open.uri },
        position,
        context: { triggerKind: this.one([1, 2]) },
      },
      (answer) => {
        const { items } = answer as {
          items: {
            insertText: string;
            range: { start: unknown; end: unknown };
          }[];
        };
        for (const { insertText, range } of items) {
          this.suggested++;
          this.look(insertText, open);
          assert.ok(!lost, `a suggestion for a text that is not the client's`);
          assert.deepEqual(range, { start: position, end: position });
          this.hold(text.slice(0, offset), insertText);
        }
      },
    );
  }

  /** Whether not even *Generate* may read a document; the switches do not concern it. */
  private isLocked({ name }: OpenText): boolean {
    return (
      this.configuration !== "answers" ||
      alwaysExcluded.has(name) ||
      this.excluded[1].includes(name)
    );
  }

  /** Whether a suggestion is one for this text. */
  private hold(before: string, suggestion: string): void {
    if (!this.options.checks) return;
    const expected = checkAfter(before.replace(/\r\n?/g, "\n"));
    if (expected === undefined || !/#=[0-9a-f]*$/.test(before)) return;
    this.checked++;
    assert.ok(
      expected.startsWith(suggestion),
      `${suggestion} is of another text; expected ${expected}`,
    );
  }

  private generate(): void {
    const open = this.document();
    if (open === undefined) return;
    const { text, isLost } = open;
    const partialResultToken = this.generating.size;
    this.generating.set(partialResultToken, open);
    this.request(
      "rwkv/generate",
      {
        textDocument: { uri: open.uri },
        position: positionAt(text, text.length),
        partialResultToken,
      },
      (answer) => {
        const written = (answer as { text: string }).text;
        this.look(written, open);
        assert.ok(
          !isLost || written === "",
          "generated for a text that is not the client's",
        );
        this.hold(text, written);
      },
    );
  }

  private ask(): void {
    const open = this.document();
    if (open === undefined) return;
    const method = this.one(["rwkv/availability", "rwkv/state"]);
    this.request(method, { textDocument: { uri: open.uri } }, (answer) =>
      this.look(JSON.stringify(answer), open),
    );
  }

  private request(
    method: string,
    params: object,
    onAnswer: (answer: unknown) => void,
  ): void {
    const token = new CancellationTokenSource();
    const done = this.connection
      .sendRequest(method, params, token.token)
      .then(onAnswer, (error: unknown) => {
        this.look(String(error), undefined);
      })
      .then(
        () => this.answered++,
        (error: Error) => (this.failure ??= error),
      )
      .finally(() => this.pending.delete(pending));
    const pending: Pending = { token, done, sent: performance.now() };
    this.pending.add(pending);
  }

  private async cancel(): Promise<void> {
    const pending = this.one([...this.pending]);
    if (pending === undefined) return;
    const began = performance.now();
    pending.token.cancel();
    await this.within(pending.done, "a cancelled request");
    this.slowestCancel = Math.max(
      this.slowestCancel,
      performance.now() - began,
    );
  }

  private async exclude(): Promise<void> {
    this.excluded = this.chance(0.6) ? lists[0]! : this.one(lists);
    this.enable = this.chance(0.9);
    const was = this.configuration;
    this.configuration = this.chance(0.9)
      ? "answers"
      : this.one(["fails", "hangs"]);
    const { released } = this;
    this.released = () => undefined;
    await this.connection.sendNotification("workspace/didChangeConfiguration", {
      settings: null,
    });
    if (was === "hangs") released();
    // The server has read the change when it answers what came after it.
    await this.connection.sendRequest("rwkv/state", {
      textDocument: { uri: "file:///none" },
    });
    for (const open of this.open.values()) {
      if (this.isExcluded(open)) this.forbidden.add(open.canary);
      else this.forbidden.delete(open.canary);
      if (this.isLocked(open)) this.locked.add(open.canary);
      else this.locked.delete(open.canary);
    }
  }

  private async show(): Promise<void> {
    await this.connection.sendNotification("rwkv/visibleDocuments", {
      documents: [...this.open.values()]
        .filter(() => this.chance(0.5))
        .map(({ uri, text }) => ({
          uri,
          position: this.chance(0.1)
            ? null
            : positionAt(text, this.one(offsetsOf(text))),
        })),
    });
  }

  /** Time in which files are read ahead, or requests are answered. */
  private async wait(): Promise<void> {
    const ms = this.chance(0.02) ? 250 : this.below(4);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** A message that no client should send, with the text of a document in it. */
  private async malformed(): Promise<void> {
    const open = this.document();
    const text = open?.text ?? "canary0x";
    const uri = "file:///not/open";
    const message = this.one<unknown>(
      [
        { jsonrpc: "2.0", text },
        { jsonrpc: "2.0", error: { code: 1, message: text } },
        {
          jsonrpc: "2.0",
          id: null,
          error: { code: 1, message: text, data: text },
        },
        { jsonrpc: "2.0", id: 999_999, result: text },
        {
          jsonrpc: "2.0",
          method: "textDocument/didOpen",
          params: { textDocument: { text } },
        },
        { jsonrpc: "2.0", method: "textDocument/didOpen", params: [text] },
        {
          jsonrpc: "2.0",
          method: "textDocument/didOpen",
          params: { textDocument: text },
        },
        {
          jsonrpc: "2.0",
          method: "textDocument/didChange",
          params: { textDocument: { uri, version: 2 }, contentChanges: [text] },
        },
        {
          jsonrpc: "2.0",
          method: "textDocument/didChange",
          params: { contentChanges: text },
        },
        { jsonrpc: "2.0", method: "textDocument/didClose", params: text },
        {
          jsonrpc: "2.0",
          method: "workspace/didChangeWatchedFiles",
          params: { text },
        },
        { jsonrpc: "2.0", method: text, params: { text } },
        {
          jsonrpc: "2.0",
          id: `m${this.below(1e9)}`,
          method: "rwkv/generate",
          params: text,
        },
        {
          jsonrpc: "2.0",
          id: `m${this.below(1e9)}`,
          method: "textDocument/inlineCompletion",
          params: { textDocument: { uri }, position: text, context: text },
        },
        {
          jsonrpc: "2.0",
          id: `m${this.below(1e9)}`,
          method: "initialize",
          params: { text },
        },
        { jsonrpc: "1.0", id: {}, method: 5, params: text },
        [text],
      ].filter((each) => !isInitialize(each)),
    );
    const body = Buffer.from(JSON.stringify(message));
    // What is written in between must be whole, so it waits for what the library is writing.
    await this.connection.sendNotification("test/nothing");
    this.end.stream.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.end.stream.write(body);
  }

  /** Waits until all requests are answered; those that hang are cancelled. */
  private async settle(): Promise<void> {
    if (this.configuration === "hangs")
      for (const { token } of this.pending) token.cancel();
    const all = [...this.pending].map(({ done }) => done);
    await this.within(Promise.all(all), "some request");
  }

  private async within<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${what} was not answered in 30 s`)),
        30_000,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Fails if a text shows what it must not.
   *
   * @param of the document that it was written for
   */
  private look(text: string, of: OpenText | undefined): void {
    for (const [canary] of text.matchAll(/canary[0-9a-f]{12}x/g)) {
      const isOwn = canary === of?.canary;
      if (!this.forbidden.has(canary)) continue;
      if (isOwn && !this.locked.has(canary)) continue;
      this.failure ??= new Error(
        `${canary} is excluded, and ${isOwn ? "continued" : "copied"}`,
      );
    }
  }

  /** Looks at the log and at the disk. */
  private async inspect(): Promise<void> {
    const logged = this.log.splice(0);
    for (const line of logged) {
      const [, reason] =
        /inline completion at [^,]*: ([a-z ]+)/.exec(line) ?? [];
      if (reason !== undefined)
        this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
    const bad = logged.find((line) => line.includes("canary"));
    assert.equal(bad, undefined, "a text is in the log");
    // States are deleted after the answer that says so: what is still there then must go soon.
    let found: string | undefined;
    for (let tries = 0; tries < 50; tries++) {
      found = await this.findOnDisk();
      if (found === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail(`${found} is excluded, and on disk`);
  }

  private async findOnDisk(): Promise<string | undefined> {
    // Nothing can be told of a document whose settings are not known.
    if (this.configuration !== "answers") return undefined;
    const folder = join(this.options.folder, "states");
    const excluded = new Set(
      [...this.open.values()]
        .filter((open) => this.isExcluded(open))
        .map(({ canary }) => canary),
    );
    const files = await readdir(folder).catch(() => []);
    for (const name of files) {
      if (!name.endsWith(".state")) continue;
      const file = await readFile(join(folder, name)).catch(() => undefined);
      for (const [canary] of textOfStateFile(
        file ?? Buffer.alloc(2000),
      ).matchAll(/canary[0-9a-f]{12}x/g))
        if (excluded.has(canary)) return canary;
    }
    return undefined;
  }
}

/** A word of which parts of others do not make another. */
function canaryOf(n: number): string {
  const hash = createHash("sha256").update(String(n)).digest("hex");
  return `canary${hash.slice(0, 12)}x`;
}

/** The library would start a second session. */
function isInitialize(message: unknown): boolean {
  return (message as { method?: unknown }).method === "initialize";
}

/** Where a cursor can stand: not within a character or a line end. */
function offsetsOf(text: string): number[] {
  const offsets: number[] = [];
  for (let at = 0; at <= text.length; at++) {
    const isHalf =
      (text[at - 1] === "\r" && text[at] === "\n") ||
      (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    if (!isHalf) offsets.push(at);
  }
  return offsets;
}

function positionAt(text: string, offset: number) {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}
