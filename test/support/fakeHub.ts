import { createHash } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** What goes wrong with one answer. */
export type Fault =
  | { kind: "status"; status: number; retryAfter?: string }
  /** The connection ends before the answer, or after some bytes of its body. */
  | { kind: "reset" }
  | { kind: "break"; after: number }
  /** Nothing comes after some bytes, and the connection stays. */
  | { kind: "silent"; after: number }
  /** A byte is another one. */
  | { kind: "corrupt"; at: number }
  /** The part is not the one that was asked for. */
  | { kind: "wrong part"; by: number }
  /** All of it comes although a part was asked for. */
  | { kind: "no ranges" }
  /** The body has some bytes more or fewer than the file, as Content-Length says, or says not. */
  | { kind: "length"; by: number; isSaid: boolean }
  | { kind: "gzip" }
  | { kind: "endless" }
  /** A byte from time to time. */
  | { kind: "drip" };

interface Asked {
  /** The service itself, or the host that its redirects lead to. */
  server: "hub" | "cdn";
  path: string;
  headers: IncomingMessage["headers"];
}

/**
 * A service of repositories that behaves as Hugging Face does: a list in pages with git's and LFS
 * checksums, files at `/REPOSITORY/resolve/main/PATH` that lead to another host (large ones, by
 * signed addresses) or to another path (small ones), ranges, If-Range and ETags of that host's own.
 */
export class FakeHub {
  readonly asked: Asked[] = [];
  /** Decides what goes wrong with an answer; nothing by default. */
  fault: (asked: Asked) => Fault | undefined = () => undefined;
  /** Entries a page of a list has. */
  pageSize = 1000;
  /** The token without which the service answers 401. */
  token: string | undefined;
  /** Part of the ETag of what the other host has. */
  version = "1";
  private readonly files = new Map<string, Buffer>();

  private constructor(
    private readonly hub: Server,
    private readonly cdn: Server,
  ) {
    hub.on("request", (request, response) =>
      this.answer("hub", request, response),
    );
    cdn.on("request", (request, response) =>
      this.answer("cdn", request, response),
    );
  }

  static async start(): Promise<FakeHub> {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers)
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve),
      );
    return new FakeHub(...servers);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  get address(): string {
    return `http://127.0.0.1:${portOf(this.hub)}`;
  }

  /** Puts a file into a repository; those of more than a kilobyte are kept as LFS does. */
  put(repository: string, path: string, content: Uint8Array): void {
    this.files.set(`${repository}/${path}`, Buffer.from(content));
  }

  /** Requests for the content of files that reached the host which has it. */
  get contentRequests(): Asked[] {
    return this.asked.filter(({ server }) => server === "cdn");
  }

  private answer(
    server: Asked["server"],
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { pathname: path, searchParams } = new URL(request.url!, "http://x");
    const asked = { server, path, headers: request.headers };
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault?.kind === "reset") return void request.socket.destroy();
    if (fault?.kind === "status") {
      if (fault.retryAfter !== undefined)
        response.setHeader("Retry-After", fault.retryAfter);
      return void response.writeHead(fault.status).end("no");
    }
    if (server === "cdn") {
      if (searchParams.get("signature") !== "right")
        return void response.writeHead(403).end();
      return this.sendFile(request, response, this.bySha256(path), fault);
    }
    if (
      this.token !== undefined &&
      request.headers.authorization !== `Bearer ${this.token}`
    )
      return void response.writeHead(401).end();
    const [, listed] = /^\/api\/models\/(.+)\/tree\/main$/.exec(path) ?? [];
    if (listed !== undefined)
      return this.sendList(response, listed, searchParams, fault);
    const [, cached] = /^\/cache\/(.+)$/.exec(path) ?? [];
    if (cached !== undefined)
      return this.sendFile(
        request,
        response,
        this.files.get(decodeURIComponent(cached)),
        fault,
      );
    this.redirect(response, path);
  }

  private redirect(response: ServerResponse, path: string): void {
    const [, repository, name] =
      /^\/(.+)\/resolve\/main\/(.+)$/.exec(decodeURIComponent(path)) ?? [];
    const file = this.files.get(`${repository}/${name}`);
    if (file === undefined) return void response.writeHead(404).end();
    if (!isLarge(file))
      return void response
        .writeHead(307, { Location: `/cache/${repository}/${name}` })
        .end();
    const sha256 = digest("sha256", file);
    response
      .writeHead(302, {
        Location: `http://127.0.0.1:${portOf(this.cdn)}/${sha256}?signature=right`,
        "X-Linked-Etag": `"${sha256}"`,
        "X-Linked-Size": String(file.length),
      })
      .end("Found.");
  }

  private sendList(
    response: ServerResponse,
    repository: string,
    parameters: URLSearchParams,
    fault: Fault | undefined,
  ): void {
    const all = [...this.files]
      .filter(([name]) => name.startsWith(`${repository}/`))
      .map(([name, content]) =>
        entryOf(name.slice(repository.length + 1), content),
      );
    if (all.length === 0) return void response.writeHead(404).end();
    const from = Number(parameters.get("cursor") ?? 0);
    const to = from + this.pageSize;
    if (to < all.length)
      response.setHeader(
        "Link",
        `<${this.address}/api/models/${repository}/tree/main?cursor=${to}>; rel="next"`,
      );
    if (fault?.kind === "silent") return;
    const text = JSON.stringify(all.slice(from, to));
    if (fault?.kind === "gzip") {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      return void response.end(gzipSync(text));
    }
    if (fault?.kind === "break") {
      response.writeHead(200);
      response.write(text.slice(0, fault.after));
      return void setImmediate(() => response.destroy());
    }
    response.end(text);
  }

  private bySha256(path: string): Buffer | undefined {
    return [...this.files.values()].find(
      (file) => digest("sha256", file) === path.slice(1),
    );
  }

  private sendFile(
    { headers }: IncomingMessage,
    response: ServerResponse,
    file: Buffer | undefined,
    fault: Fault | undefined,
  ): void {
    if (file === undefined) return void response.writeHead(404).end();
    const etag = `"${this.version}-${digest("sha256", file).slice(0, 8)}"`;
    const ifRange = headers["if-range"];
    const [, asked] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
    const isPart =
      asked !== undefined &&
      fault?.kind !== "no ranges" &&
      (ifRange === undefined || ifRange === etag);
    let start = isPart ? Number(asked) : 0;
    if (start >= file.length && file.length > 0) {
      response.setHeader("Content-Range", `bytes */${file.length}`);
      return void response.writeHead(416).end();
    }
    if (isPart && fault?.kind === "wrong part")
      start = Math.max(0, Math.min(file.length - 1, start + fault.by));
    let body: Buffer = Buffer.from(file.subarray(start));
    if (isPart)
      response.setHeader(
        "Content-Range",
        `bytes ${start}-${file.length - 1}/${file.length}`,
      );
    response.setHeader("ETag", etag);
    response.setHeader("Accept-Ranges", "bytes");
    if (fault?.kind === "corrupt") {
      const at = fault.at % body.length;
      body[at] = body[at]! ^ 1;
    }
    if (fault?.kind === "length")
      body =
        fault.by < 0
          ? body.subarray(0, Math.max(0, body.length + fault.by))
          : Buffer.concat([body, Buffer.alloc(fault.by)]);
    if (fault?.kind === "gzip") {
      body = gzipSync(body);
      response.setHeader("Content-Encoding", "gzip");
    }
    const isUnsaid =
      fault?.kind === "endless" || (fault?.kind === "length" && !fault.isSaid);
    if (!isUnsaid) response.setHeader("Content-Length", body.length);
    response.writeHead(isPart ? 206 : 200);
    switch (fault?.kind) {
      case "break":
        return breakOff(response, body.subarray(0, fault.after));
      case "silent":
        response.write(body.subarray(0, fault.after));
        if (fault.after >= body.length) response.end();
        return;
      case "endless":
        return endlessly(response, body);
      case "drip":
        return drip(response, body);
      default:
        response.end(body);
    }
  }
}

function entryOf(path: string, content: Buffer): unknown {
  const git = createHash("sha1")
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest("hex");
  const { length: size } = content;
  return isLarge(content)
    ? {
        type: "file",
        oid: git,
        size,
        lfs: { oid: digest("sha256", content), size, pointerSize: 135 },
        xetHash: digest("sha256", Buffer.from(path)),
        path,
      }
    : { type: "file", oid: git, size, path };
}

function isLarge({ length }: Buffer): boolean {
  return length > 1024;
}

function digest(algorithm: string, content: Buffer): string {
  return createHash(algorithm).update(content).digest("hex");
}

function endlessly(response: ServerResponse, body: Buffer): void {
  response.write(body);
  const timer = setInterval(() => response.write(body), 1);
  response.on("close", () => clearInterval(timer));
}

/** What was written goes out first. */
function breakOff(response: ServerResponse, body: Buffer): void {
  response.flushHeaders();
  const end = () => response.socket?.end();
  if (body.length === 0) end();
  else response.write(body, end);
}

function drip(response: ServerResponse, body: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, ++at));
  }, 5);
  response.on("close", () => clearInterval(timer));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
