import type { ServerAddress } from "./address";
import { recordIn } from "./kind";
import { ServerError } from "./serverError";

/** Bytes of an answer that is read whole. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * Sends requests to a completion server; the only file of the engine that may open a connection (by a
 * lint rule). No redirect is followed: text and key go only to the host that the user named.
 */
export class Http {
  constructor(
    readonly address: ServerAddress,
    private readonly key: string,
  ) {}

  /**
   * Asks for a JSON object.
   *
   * @param body to be posted; undefined: the path is only read
   * @throws ServerError, or the signal's reason when it is aborted
   */
  async json(
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const response = await this.ask(path, body, signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.bytesOf(response, maxAnswerBytes, signal))
      chunks.push(chunk);
    const value = recordIn(Buffer.concat(chunks).toString("utf8"));
    if (value === undefined) throw this.malformed();
    return value;
  }

  /**
   * The response to a request, once its head has arrived with a status of success.
   *
   * @throws ServerError, or the signal's reason when it is aborted
   */
  async ask(
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const { base, host } = this.address;
    let response: Response;
    try {
      response = await fetch(base + path, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(this.key !== "" && { authorization: `Bearer ${this.key}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: "manual",
        signal,
      });
    } catch {
      signal.throwIfAborted();
      throw new ServerError({ code: "server unreachable", args: [host] });
    }
    const { ok, status } = response;
    if (ok) return response;
    await response.body?.cancel().catch(() => undefined);
    if (status >= 300 && status < 400)
      throw new ServerError({ code: "server redirects", args: [host] });
    const isKey = status === 401 || status === 403;
    throw isKey
      ? new ServerError({ code: "server refuses key", args: [host] }, status)
      : new ServerError(
          { code: "server says no", args: [host, status] },
          status,
        );
  }

  /**
   * The bytes of a response as they arrive.
   *
   * @throws ServerError if there are more than `most`, or the connection breaks; the signal's reason
   *   when it is aborted
   */
  async *bytesOf(
    { body }: Response,
    most: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    if (body === null) return;
    let bytes = 0;
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        bytes += value.length;
        if (bytes > most) throw this.tooLong();
        yield value;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ServerError) throw error;
      throw this.brokenOff();
    } finally {
      // A caller that stops reading closes the connection.
      await reader.cancel().catch(() => undefined);
    }
  }

  /** The error for an answer that no such server sends. */
  malformed(): ServerError {
    const { host } = this.address;
    return new ServerError({ code: "server malformed", args: [host] });
  }

  tooLong(): ServerError {
    const { host } = this.address;
    return new ServerError({ code: "server writes too much", args: [host] });
  }

  brokenOff(): ServerError {
    const { host } = this.address;
    return new ServerError({ code: "server broke off", args: [host] });
  }
}
