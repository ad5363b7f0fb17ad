import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a server does wrong; it still says what it is, unless the fault is there "alwaysFor". */
export type Fault =
  | "none"
  | "slow"
  | "status 500"
  | "status 401"
  | "no JSON"
  | "other JSON"
  | "error event"
  | "broken stream"
  | "never ends"
  | "silent"
  | "huge event"
  | "huge reply"
  | "redirect"
  | "web page"
  | "closes";

export interface FakeCompletionServerOptions {
  readonly kind: "llama.cpp" | "OpenAI-compatible";
  /** What it writes behind a prompt; pieces are streamed one by one. */
  readonly write?: (prompt: string, suffix: string) => readonly string[];
  /** Log-probability of each piece; undefined: not told. */
  readonly logProbability?: number | undefined;
  /** Whether it knows how to fill in text, or refuses. */
  readonly canInfill?: boolean;
  /** Key that it asks for. */
  readonly key?: string;
  readonly models?: readonly string[];
  /** Milliseconds between two pieces. */
  readonly pieceMs?: number;
  readonly contextTokens?: number;
  /** Status for paths that it does not have; 404 if it is not given. */
  readonly elsewhere?: number;
  /** Status for every request for text. */
  readonly refuses?: number;
}

/** A request for text, as it came. */
export interface Received {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage["headers"];
}

/** A completion server on the loopback interface, with whatever faults a test asks for. */
export class FakeCompletionServer {
  /** Everything that was ever sent to it, bodies as text. */
  readonly bodies: string[] = [];
  readonly requests: Received[] = [];
  fault: Fault = "none";
  /** Requests whose connection the client closed before their end. */
  cancelled = 0;
  /** Requests that are being answered. */
  running = 0;

  private constructor(
    private readonly server: Server,
    private readonly options: FakeCompletionServerOptions,
  ) {}

  static async start(
    options: FakeCompletionServerOptions,
  ): Promise<FakeCompletionServer> {
    const server = createServer((request, response) => {
      void fake.answer(request, response);
    });
    const fake = new FakeCompletionServer(server, options);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get host(): string {
    return this.url.slice("http://".length);
  }

  /** The requests that hold text of documents: all but those that find out what it is. */
  get texts(): Received[] {
    return this.requests.filter(({ body }) => body["stream"] === true);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  /** Waits until something holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(2);
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    this.bodies.push(text);
    const { kind, key, models = ["fake"] } = this.options;
    const path = request.url ?? "";
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
      return this.status(response, 401);
    if (kind === "llama.cpp" && path === "/props")
      return json(response, {
        default_generation_settings: { n_ctx: this.options.contextTokens },
        model_alias: "/models/fake.gguf",
      });
    if (kind === "OpenAI-compatible" && path === "/v1/models")
      return json(response, { data: models.map((id) => ({ id })) });
    const paths =
      kind === "llama.cpp" ? ["/infill", "/completion"] : ["/v1/completions"];
    if (!paths.includes(path))
      return this.status(response, this.options.elsewhere ?? 404);
    if (this.options.refuses !== undefined)
      return this.status(response, this.options.refuses);
    const body = JSON.parse(text) as Record<string, unknown>;
    const { headers } = request;
    this.requests.push({ path, body, headers });
    const fills = path === "/infill" || "suffix" in body;
    if (fills && this.options.canInfill === false)
      return this.status(response, kind === "llama.cpp" ? 501 : 400);
    if (this.options.logProbability === undefined && "logprobs" in body)
      return this.status(response, 400);
    if (body["stream"] !== true) return json(response, this.event("x", "end"));
    await this.stream(body, response);
  }

  private async stream(
    body: Record<string, unknown>,
    response: ServerResponse,
  ): Promise<void> {
    this.running++;
    let isClosed = false;
    response.on("close", () => {
      isClosed = true;
      this.running--;
      if (!response.writableFinished) this.cancelled++;
    });
    const { fault } = this;
    if (fault === "slow") await sleep(400);
    if (fault === "status 500") return this.status(response, 500);
    if (fault === "status 401") return this.status(response, 401);
    if (fault === "closes") return void response.destroy();
    if (fault === "silent") return;
    if (fault === "redirect") {
      response.writeHead(307, { location: `${this.url}/elsewhere` }).end();
      return;
    }
    if (fault === "web page") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<p>Sign in</p>");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (fault === "no JSON") return void response.end("data: {content\n\n");
    if (fault === "other JSON")
      return void response.end('data: {"content":7,"choices":{}}\n\n');
    if (fault === "error event")
      return void response.end('data: {"error":{"message":"no"}}\n\n');
    if (fault === "huge event")
      return void response.end(`data: ${"x".repeat(2_000_000)}\n\n`);
    const text = (name: string) =>
      typeof body[name] === "string" ? body[name] : undefined;
    const prompt = text("prompt") ?? text("input_prefix") ?? "";
    const suffix = text("suffix") ?? text("input_suffix") ?? "";
    const pieces = this.options.write?.(prompt, suffix) ?? [];
    const send = async (piece: string, end?: "end") => {
      response.write(`data: ${JSON.stringify(this.event(piece, end))}\n\n`);
      await sleep(this.options.pieceMs ?? 0);
    };
    for (const piece of pieces) {
      if (isClosed) return;
      await send(piece);
      if (fault === "broken stream") return void response.destroy();
    }
    while (!isClosed && fault === "never ends") await send("a ");
    while (!isClosed && fault === "huge reply")
      await send("\u200b".repeat(9e4));
    if (isClosed) return;
    await send("", "end");
    response.end();
  }

  /** An event as the server's kind writes it. */
  private event(text: string, end?: "end"): object {
    const { kind, logProbability } = this.options;
    const isTold = logProbability !== undefined && text !== "";
    if (kind === "llama.cpp")
      return {
        content: text,
        stop: end !== undefined,
        ...(isTold && {
          completion_probabilities: [{ token: text, logprob: logProbability }],
        }),
      };
    const logprobs = isTold
      ? { tokens: [text], token_logprobs: [logProbability] }
      : null;
    const finish_reason = end === undefined ? null : "stop";
    return { choices: [{ text, index: 0, logprobs, finish_reason }] };
  }

  private status(response: ServerResponse, status: number): void {
    response.writeHead(status, { "content-type": "application/json" });
    response.end('{"error":{"message":"no"}}');
  }
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
