import assert from "node:assert/strict";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { parseEndpoint } from "../../src/download/endpoint";
import { open } from "../../src/download/request";

const never = new AbortController().signal;

describe("a request", () => {
  const servers: Server[] = [];
  let asked: { port: number; headers: IncomingMessage["headers"] }[];

  beforeEach(() => (asked = []));
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** The address of a new server. */
  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      const { headers } = request;
      asked.push({ port: request.socket.localPort!, headers });
      answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const redirecting = (location: string, status = 302) =>
    serve((_, response) =>
      response.writeHead(status, { Location: location }).end(),
    );

  async function read(address: string, token = "secret"): Promise<string> {
    const endpoint = parseEndpoint(address);
    const { body } = await open(
      endpoint,
      { endpoint, token },
      { signal: never },
    );
    const chunks = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }
  const codeOf = (address: string) =>
    read(address).then(
      () => assert.fail("it went well"),
      ({ data }: { data: { code: string } }) => data.code,
    );

  for (const status of [301, 302, 303, 307, 308])
    it(`follows status ${status} to another port, without the token`, async () => {
      const end = await serve((_, response) => response.end("here"));
      assert.equal(await read(await redirecting(end, status)), "here");
      assert.deepEqual(
        asked.map(({ headers }) => headers.authorization),
        ["Bearer secret", undefined],
      );
    });

  it("takes the token along to another path of the same server, and no name or password of the address", async () => {
    const address = await serve((request, response) => {
      if (request.url !== "/") return void response.end("here");
      const port = request.socket.localPort;
      const Location = `http://name:word@127.0.0.1:${port}/there`;
      response.writeHead(307, { Location }).end();
    });
    assert.equal(await read(address), "here");
    assert.deepEqual(
      asked.map(({ headers }) => headers.authorization),
      ["Bearer secret", "Bearer secret"],
    );
    const other = await serve((_, response) => response.end("other"));
    const away = await redirecting(other.replace("//", "//name:word@"));
    assert.equal(await read(away), "other");
    assert.equal(asked.at(-1)!.headers.authorization, undefined);
  });

  it("follows addresses that are relative", async () => {
    const address = await serve((request, response) =>
      request.url === "/a/b"
        ? response.end("here")
        : response.writeHead(302, { Location: "/a/b" }).end(),
    );
    assert.equal(await read(address), "here");
  });

  for (const location of [
    "http://example.invalid/",
    "ftp://example.invalid/",
    "file:///etc/hostname",
    "http://",
  ])
    it(`does not follow to ${location}`, async () => {
      assert.equal(
        await codeOf(await redirecting(location)),
        "download redirect",
      );
    });

  it("ends a circle", async () => {
    assert.equal(await codeOf(await redirecting("/")), "download redirects");
    assert.equal(asked.length, 11);
  });

  for (const [status, code] of [
    [401, "download refused"],
    [403, "download refused"],
    [404, "download missing"],
    [410, "download missing"],
    [418, "download status"],
    [304, "download status"],
    [500, "download busy"],
  ] as const)
    it(`says what status ${status} means`, async () => {
      const address = await serve((_, response) =>
        response.writeHead(status).end(),
      );
      assert.equal(await codeOf(address), code);
    });

  it("says who cannot be reached", async () => {
    const address = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    await assert.rejects(read(address), {
      data: {
        code: "download broken",
        args: [new URL(address).host, "ECONNREFUSED"],
      },
    });
  });
});
