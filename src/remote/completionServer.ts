import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Decoded } from "../completion/decode";
import type {
  TextOptions,
  TextPrompt,
  TextSource,
  Written,
} from "../completion/textSource";
import type { Message } from "../messages";
import type {
  CompletionServerOptions,
  CompletionServerState,
} from "../protocol";
import { parseAddress, type ServerAddress } from "./address";
import { BackOff } from "./backOff";
import { findKind } from "./findKind";
import { Http } from "./http";
import { asName, type Piece, type ServerKind, type ServerPrompt } from "./kind";
import { promptFor } from "./prompt";
import { readText } from "./readText";
import { ServerError } from "./serverError";
import { serverSentEvents } from "./serverSentEvents";

/** Most bytes of a stream for each token, and for everything else. */
const bytesPerToken = 16 * 1024;
const otherBytes = 1024 * 1024;
/** Milliseconds without a token after which a server without a time budget counts as failing. */
const silenceMs = 120_000;

/** The server that the user has named, and its kind. */
interface Connection {
  readonly options: CompletionServerOptions;
  readonly http: Http;
  /** Aborted when another server is named, or none. */
  readonly abort: AbortController;
  readonly backOff: BackOff;
  /** Its kind, once found out. */
  kind: ServerKind | undefined;
  finding: Promise<void> | undefined;
}

/**
 * Generates by a server that the user has named. Its kind is found out before any text is sent. Until
 * then, and for a while after a failure, the local model generates.
 */
export class CompletionServer implements TextSource {
  private connection: Connection | undefined;

  /**
   * @param onState called with each change; undefined: no server is named
   * @param createBackOff makes the waiting times after failures
   */
  constructor(
    private readonly onState: (
      state: CompletionServerState | undefined,
    ) => void = () => undefined,
    private readonly createBackOff: () => BackOff = () => new BackOff(),
  ) {}

  /** Names the server; without an address, none. */
  configure(options: CompletionServerOptions): void {
    this.connection?.abort.abort();
    this.connection = undefined;
    if (options.url.trim() === "") return this.onState(undefined);
    let address: ServerAddress;
    try {
      address = parseAddress(options.url);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      // Not shown: a malformed address may hold anything.
      return this.onState({
        host: "",
        isPrivate: true,
        model: "",
        state: "failing",
        told: error.told,
      });
    }
    const connection: Connection = {
      options,
      http: new Http(address, options.key),
      abort: new AbortController(),
      backOff: this.createBackOff(),
      kind: undefined,
      finding: undefined,
    };
    this.connection = connection;
    void this.find(connection);
  }

  get isOn(): boolean {
    return this.connection !== undefined;
  }

  /** Distinguishes suggestions of one server from those of others and of the local model. */
  get identity(): string {
    const { connection } = this;
    if (connection?.kind === undefined) return "";
    return `${connection.http.address.base} ${connection.kind.model}`;
  }

  /** Waits until the kind of the server is found out, or it has failed. */
  async ready(): Promise<boolean> {
    const { connection } = this;
    if (connection === undefined) return false;
    if (connection.kind === undefined && !connection.backOff.isWaiting)
      await this.find(connection);
    return connection.kind !== undefined;
  }

  async generate(
    prompt: TextPrompt,
    options: TextOptions,
  ): Promise<Written | undefined> {
    const { connection } = this;
    const { signal, trigger } = options;
    if (connection === undefined || connection.backOff.isWaiting)
      return undefined;
    if (connection.kind === undefined) {
      const found = this.find(connection);
      // Ghost text does not wait: the local model is there.
      if (trigger !== "generate") return undefined;
      await Promise.race([found, aborted(signal)]);
    }
    const { kind } = connection;
    signal.throwIfAborted();
    if (kind === undefined || connection.abort.signal.aborted) return undefined;
    try {
      const written = await write(connection, kind, prompt, options);
      if (connection.abort.signal.aborted) return undefined;
      if (written?.stop === "connection lost")
        this.failed(connection, connection.http.brokenOff());
      else if (written !== undefined) this.succeeded(connection);
      return written;
    } catch (error) {
      signal.throwIfAborted();
      if (connection.abort.signal.aborted) return undefined;
      if (!(error instanceof ServerError)) throw error;
      this.failed(connection, error);
      return undefined;
    }
  }

  /** Finds out the kind of the server, unless that is running already. Never rejects. */
  private find(connection: Connection): Promise<void> {
    connection.finding ??= this.ask(connection).finally(() => {
      connection.finding = undefined;
    });
    return connection.finding;
  }

  private async ask(connection: Connection): Promise<void> {
    const { http, options, abort, backOff } = connection;
    if (!backOff.hasFailed) this.publish(connection, "asking");
    try {
      connection.kind = await findKind(http, options.model, abort.signal);
      if (abort.signal.aborted) return;
      backOff.succeeded();
      this.publish(connection, "ready");
    } catch (error) {
      if (abort.signal.aborted) return;
      const isKnown = error instanceof ServerError;
      this.failed(connection, isKnown ? error : http.malformed());
    }
  }

  private succeeded(connection: Connection): void {
    if (connection.backOff.hasFailed) this.publish(connection, "ready");
    connection.backOff.succeeded();
  }

  /** Sends no request for a while after a failure; unless it was a timeout, the kind is found out anew. */
  private failed(connection: Connection, { told }: ServerError): void {
    if (told.code !== "server slow") connection.kind = undefined;
    connection.backOff.failed();
    if (connection === this.connection)
      this.publish(connection, "failing", told);
  }

  private publish(
    { http: { address }, kind }: Connection,
    state: CompletionServerState["state"],
    told?: Message,
  ): void {
    const { host, isPrivate } = address;
    const model =
      kind === undefined ? "" : `${asName(kind.model)} (${kind.name})`;
    this.onState({ host, isPrivate, model, state, ...(told && { told }) });
  }
}

/** Has a server write; undefined where the settings have changed meanwhile. @throws ServerError */
async function write(
  connection: Connection,
  kind: ServerKind,
  prompt: TextPrompt,
  options: TextOptions,
): Promise<Written | undefined> {
  const began = performance.now();
  let first: number | undefined;
  const asked = promptFor(prompt, kind, options.maxTokens);
  const timing: TextOptions = {
    ...options,
    onText: (text) => {
      first ??= performance.now();
      options.onText(text);
    },
  };
  // If the reply does not begin with the typed part of a word, a second request ends after that part.
  const whole = { ...asked, prefix: asked.prefix + asked.healed, healed: "" };
  const deadline =
    options.trigger === "automatic"
      ? began + connection.options.timeBudget
      : Infinity;
  let decoded: Decoded | undefined;
  for (const each of asked.healed === "" ? [asked] : [asked, whole]) {
    if (!prompt.mayLeave()) return undefined;
    decoded = await attempt(connection, kind, each, timing, deadline);
    if (decoded !== undefined) break;
  }
  const ended = performance.now();
  first ??= ended;
  return {
    ...(decoded ?? { text: "", stop: "end of text", tokens: [], steps: 0 }),
    model: `${asName(kind.model)} @ ${connection.http.address.host}`,
    timings: {
      prefillTokens: 0,
      prefillMs: first - began,
      decodeTokens: decoded?.steps ?? 0,
      decodeMs: ended - first,
    },
  };
}

/**
 * One request. Whatever ends it, the connection is closed, and a server that notices stops.
 *
 * @param deadline on the clock of `performance.now`
 */
async function attempt(
  { http, abort }: Connection,
  kind: ServerKind,
  prompt: ServerPrompt,
  options: TextOptions,
  deadline: number,
): Promise<Decoded | undefined> {
  const { signal, maxTokens, temperature, topP, seed } = options;
  const done = new AbortController();
  const timer = new Timeout(deadline);
  const limited = AbortSignal.any([
    signal,
    abort.signal,
    timer.signal,
    done.signal,
  ]);
  // The reply repeats the healed text, with one token a character at worst.
  const tokens = maxTokens + 1 + prompt.healed.length;
  const { path, body } = kind.request(prompt, {
    maxTokens: tokens,
    temperature,
    topP,
    seed,
  });
  try {
    const response = await http.ask(path, body, limited);
    timer.restart();
    const most = otherBytes + tokens * bytesPerToken;
    return await readText(
      piecesIn(http, kind, response, most, limited, () => timer.restart()),
      { ...options, healed: prompt.healed, timeout: timer.signal },
    );
  } catch (error) {
    if (error instanceof RangeError) throw http.tooLong();
    if (timer.signal.aborted && !signal.aborted && !abort.signal.aborted)
      throw new ServerError({ code: "server slow", args: [http.address.host] });
    throw error;
  } finally {
    timer.stop();
    done.abort();
  }
}

/** The pieces of an answer, streamed or whole. @throws ServerError */
async function* piecesIn(
  http: Http,
  kind: ServerKind,
  response: Response,
  mostBytes: number,
  signal: AbortSignal,
  onPiece: () => void,
): AsyncGenerator<Piece, void> {
  const bytes = http.bytesOf(response, mostBytes, signal);
  for await (const data of dataIn(http, response, bytes)) {
    const piece = kind.piece(data);
    if (piece === undefined) throw http.malformed();
    onPiece();
    yield piece;
    if (piece.end !== undefined) return;
    await yieldToEventLoop();
  }
  throw http.brokenOff();
}

async function* dataIn(
  http: Http,
  response: Response,
  bytes: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<string, void> {
  const type = response.headers.get("content-type") ?? "";
  try {
    if (/^text\/event-stream\b/i.test(type)) yield* serverSentEvents(bytes);
    else if (/^application\/json\b/i.test(type)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      yield Buffer.concat(chunks).toString("utf8");
    } else throw http.malformed();
  } catch (error) {
    if (error instanceof RangeError) throw http.malformed();
    throw error;
  } finally {
    await bytes.return();
  }
}

/** Aborts at a deadline, or where there is none after a silence. */
class Timeout {
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout;

  constructor(private readonly deadline: number) {
    this.timer = this.start();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Restarts the wait, since something has come. */
  restart(): void {
    if (this.deadline !== Infinity) return;
    this.stop();
    this.timer = this.start();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private start(): NodeJS.Timeout {
    const ms = Math.min(silenceMs, this.deadline - performance.now());
    return setTimeout(() => this.abort.abort(), Math.max(0, ms));
  }
}

/** Resolves when a signal is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
