import type { Http } from "./http";
import { asName, isRecord, type ServerKind } from "./kind";
import { LlamaCpp } from "./llamaCpp";
import { OpenAi } from "./openAi";
import { ServerError } from "./serverError";

/**
 * Milliseconds for a GET request, and for generating a token: a server may load its model before the
 * first one.
 */
const lookMs = 5000;
const tokenMs = 60_000;

/**
 * Finds out the kind of a server and its abilities, by GET requests and by generating a token after an
 * "a". No text of a document is sent.
 *
 * @param model the server's name of the model to use; empty: its first one
 * @throws ServerError if the server cannot be used; the signal's reason when it is aborted
 */
export async function findKind(
  http: Http,
  model: string,
  signal: AbortSignal,
): Promise<ServerKind> {
  const props = await unlessUnknown(look(http, "/props", signal), [400, 403]);
  if (props !== undefined && "default_generation_settings" in props)
    return llamaCpp(http, props, signal);
  const models = await unlessUnknown(look(http, "/v1/models", signal));
  const { host } = http.address;
  if (!Array.isArray(models?.["data"]))
    throw new ServerError({ code: "server unknown", args: [host] });
  const known = models["data"].filter(isModel);
  const chosen = known.find(({ id }) => model === "" || id === model);
  if (chosen === undefined)
    throw new ServerError({
      code: "server without model",
      args: [
        host,
        model,
        known
          .slice(0, 8)
          .map(({ id }) => asName(id))
          .join(", "),
      ],
    });
  return openAi(http, chosen, signal);
}

async function llamaCpp(
  http: Http,
  props: Record<string, unknown>,
  signal: AbortSignal,
): Promise<ServerKind> {
  const settings = props["default_generation_settings"];
  const tokens = isRecord(settings) ? settings["n_ctx"] : undefined;
  const name =
    typeof props["model_alias"] === "string" ? props["model_alias"] : "";
  const kind = (readsSuffix: boolean) =>
    new LlamaCpp(lastPart(name), asCount(tokens), readsSuffix);
  const canInfill = await writes(http, kind(true), signal);
  return kind(canInfill);
}

async function openAi(
  http: Http,
  { id, max_model_len: tokens }: ServerModel,
  signal: AbortSignal,
): Promise<ServerKind> {
  for (const readsSuffix of [true, false])
    for (const tellsProbabilities of [true, false]) {
      const kind = new OpenAi(
        id,
        asCount(tokens),
        readsSuffix,
        tellsProbabilities,
      );
      if (await writes(http, kind, signal)) return kind;
    }
  // It has models, but no interface for completion: some servers only have chats.
  throw new ServerError({ code: "server unknown", args: [http.address.host] });
}

/** Whether a server takes a request of a kind. @throws ServerError if it does not answer at all */
async function writes(
  http: Http,
  kind: ServerKind,
  signal: AbortSignal,
): Promise<boolean> {
  const options = { maxTokens: 1, temperature: 0, topP: 1, seed: 0 };
  const { path, body } = kind.request(
    { prefix: "a", healed: "", suffix: "b" },
    options,
  );
  try {
    const once = { ...body, stream: false };
    await within(tokenMs, http, signal, (limited) =>
      http.json(path, once, limited),
    );
    return true;
  } catch (error) {
    // The server refuses a part of the request; other statuses say nothing about that.
    const status = error instanceof ServerError ? error.status : undefined;
    const isNo = status === 400 || status === 404 || status === 422;
    if (isNo || status === 500 || status === 501) return false;
    throw error;
  }
}

function look(
  http: Http,
  path: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  return within(lookMs, http, signal, (limited) =>
    http.json(path, undefined, limited),
  );
}

/**
 * Undefined where a server has no such path, or says something else there.
 *
 * @param alsoUnknown what gateways answer, besides, for paths that are not for everybody
 */
async function unlessUnknown<T>(
  answer: Promise<T>,
  alsoUnknown: readonly number[] = [],
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { status, told } = error;
    const isUnknown =
      status !== undefined && [404, 405, 501, ...alsoUnknown].includes(status);
    if (isUnknown || told.code === "server malformed") return undefined;
    throw error;
  }
}

async function within<T>(
  ms: number,
  { address }: Http,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted)
      throw new ServerError({ code: "server slow", args: [address.host] });
    throw error;
  }
}

interface ServerModel {
  readonly id: string;
  /** As vLLM tells it. */
  readonly max_model_len?: unknown;
}

function isModel(value: unknown): value is ServerModel {
  return isRecord(value) && typeof value["id"] === "string";
}

function asCount(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

/** The last part of a path, which is shown. */
function lastPart(path: string): string {
  return path.slice(
    Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1,
  );
}
