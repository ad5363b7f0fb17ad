/**
 * Sentences of the engine that people read. On the wire each is a code with what fills it; the
 * client words it in the user's language, and whoever has no bundle of texts, in English. There is
 * one copy for both sides.
 */

/** Signature of `vscode.l10n.t`, passed in so that this file runs without an editor. */
export type Translate = (
  message: string,
  ...values: (string | number)[]
) => string;

/** A sentence as a code and what fills it. */
export interface Message {
  readonly code: MessageCode;
  readonly args: readonly (string | number)[];
}

const sentences = {
  "model loading": (t, name) => t("Loading the model {0}.", name),
  "no model name": (t, name) =>
    t(
      '"{0}" is no model\'s name; choose "bundled" or the name of a folder in rwkv.modelsPath',
      name,
    ),
  "no models folder": (t, name) =>
    t(
      'the model "{0}" is looked for in the folder rwkv.modelsPath, which is not set',
      name,
    ),
  "too little memory": (t, name, needed, others, budget, share) =>
    t(
      'the model "{0}" needs {1} MiB beside {2} for the states of its files, and of rwkv.memoryBudget ({3} MiB) each would have {4} MiB; raise it, or use one model everywhere',
      name,
      needed,
      others,
      budget,
      share,
    ),
  "model not in use": (t, name) => t("the model {0} is no longer in use", name),
  "model not loaded": (t, detail) =>
    t("the model could not be loaded: {0}", detail),
  "download endpoint": (t, address) =>
    t(
      '"{0}" is no address to download from; rwkv.downloadEndpoint has to be https://HOST, or http:// on this machine',
      address,
    ),
  "download redirect": (t, host, address) =>
    t(
      "{0} leads to {1}, which is not asked: only https addresses are",
      host,
      address,
    ),
  "download redirects": (t, host) =>
    t("{0} leads from one address to the next without end", host),
  "download refused": (t, host, status) =>
    t(
      "{0} does not give it without a token that it knows (status {1})",
      host,
      status,
    ),
  "download missing": (t, host, path) =>
    t("{0} does not have {1} (any more)", host, path),
  "download busy": (t, host, status) =>
    t("{0} cannot answer now (status {1}); try again later", host, status),
  "download status": (t, host, status) =>
    t("{0} answered with status {1}", host, status),
  "download broken": (t, host, why) =>
    t(
      "the connection to {0} failed ({1}); check the network and the proxy, then try again: what has come is kept",
      host,
      why,
    ),
  "download length": (t, host, path, length, size) =>
    t(
      "{0} sends {2} bytes for {1}, which has {3}; try again later",
      host,
      path,
      length,
      size,
    ),
  "download damaged": (t, path) =>
    t(
      "{0} does not match its checksum, so nothing of it was kept; try again",
      path,
    ),
  "download changed": (t, path) =>
    t("{0} was replaced since it was listed; open the list again", path),
  "download list": (t, host, why) =>
    t("{0} gave no list of files ({1})", host, why),
  "download unwritable": (t, path, why) =>
    t("{0} cannot be written ({1}); what has come is kept", path, why),
  "download running": (t, path) =>
    t("{0} is being downloaded already, here or in another window", path),
  "download space": (t, folder, needed, free) =>
    t(
      "{0} needs {1}, for the file and the model made from it, and its disk has {2} to spare",
      folder,
      needed,
      free,
    ),
  "download vocabulary": (t, name) =>
    t(
      "no repository that was asked has {0}, which the model needs; download the checkpoint and this file by hand, put them into one folder and use Import Model…",
      name,
    ),
  "document not open": (t) => t("The document is not open."),
  "bad position": (t) => t("The position to write at is malformed."),
  "bad selection": (t) => t("The selection is malformed."),
  "generate excluded": (t) =>
    t(
      "This document is excluded by rwkv.exclude, so nothing is generated in it.",
    ),
  "generate unsupported": (t) =>
    t("Nothing can be generated in a document of this kind."),
  "generate binary": (t) =>
    t("This document is not text, so nothing is generated in it."),
  "generate refused": (t, reason) => t("Not here: {0}.", reason),
  "generate without settings": (t) =>
    t(
      "The editor did not tell its settings for this document, which might exclude it.",
    ),
  "generate out of step": (t) =>
    t(
      "The editor's changes to this document could not be followed; close it and open it again.",
    ),
  "server address": (t) =>
    t("rwkv.server.url is no address of HTTP, such as http://localhost:8080"),
  "server address with more": (t) =>
    t(
      "rwkv.server.url must not hold a user name, a password or parameters; a key is set by RWKV: Server…",
    ),
  "server unreachable": (t, host) =>
    t("{0} cannot be reached; is the server running?", host),
  "server redirects": (t, host) =>
    t("{0} sends requests on to another address; set that one", host),
  "server refuses key": (t, host) =>
    t("{0} does not take the key; set it by RWKV: Server…", host),
  "server says no": (t, host, status) =>
    t("{0} answers with the status {1}", host, status),
  "server malformed": (t, host) =>
    t("{0} answers with something that is no completion", host),
  "server writes too much": (t, host) =>
    t("{0} writes more than was asked for", host),
  "server broke off": (t, host) => t("{0} broke off its answer", host),
  "server slow": (t, host) => t("{0} did not answer in time", host),
  "server unknown": (t, host) =>
    t(
      "{0} is neither a server of llama.cpp nor one with /v1/completions",
      host,
    ),
  "server without model": (t, host, model, models) =>
    t("{0} has no model {1}; it has: {2}", host, model, models),
  "generate failed": (t) => t("Generation failed; the log has more."),
} satisfies Record<
  string,
  (t: Translate, ...args: (string | number)[]) => string
>;

export type MessageCode = keyof typeof sentences;

export const messageCodes = Object.keys(sentences) as MessageCode[];

/** The sentence, by way of a translation. */
export function worded({ code, args }: Message, t: Translate): string {
  const sentence: (t: Translate, ...args: (string | number)[]) => string =
    sentences[code];
  return sentence(t, ...args);
}

/** The sentence in English. */
export function inEnglish(message: Message): string {
  return worded(message, (text, ...values) =>
    text.replace(/\{(\d)\}/g, (_, index: string) =>
      String(values[Number(index)]),
    ),
  );
}

/** Whether a value from the wire is a message whose code is known here. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { code, args } = value as Partial<Message>;
  return (
    typeof code === "string" &&
    Object.hasOwn(sentences, code) &&
    Array.isArray(args)
  );
}
