/**
 * The sentences of the engine that users read. The server sends a sentence as a code with arguments. The
 * client words it in the user's language; programs without translations word it in English. Both sides
 * share this list.
 */

import { damage } from "./damage";
import type { Sentence, Translate } from "./translate";

export type { Translate } from "./translate";

/** What replaces a placeholder of a sentence: a value, or another sentence, in the same language. */
export type Argument = string | number | Message;

/** A sentence as a code and its arguments. */
export interface Message {
  readonly code: MessageCode;
  readonly args: readonly Argument[];
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
  "too little memory for states": (t, name, needed, budget) =>
    t(
      'the model "{0}" needs {1} MiB for the states of its files, and rwkv.memoryBudget is {2} MiB; raise it',
      name,
      needed,
      budget,
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
    t("{0} redirects to {1}, but only https addresses are used", host, address),
  "download redirects": (t, host) =>
    t("{0} redirects from one address to the next without end", host),
  "download refused": (t, host, status) =>
    t(
      "{0} requires a valid token for this download (status {1})",
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
      "the connection to {0} failed ({1}); check the network and the proxy, then try again: the part that was downloaded is kept",
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
    t(
      "{0} cannot be written ({1}); the part that was downloaded is kept",
      path,
      why,
    ),
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
      "no known repository has {0}, which the model needs; download the checkpoint and this file by hand, put them into one folder and use Import Model…",
      name,
    ),
  "nothing to delete": (t, folder) =>
    t("{0} has no model, so nothing was deleted", folder),
  "model not deleted": (t, folder) =>
    t(
      "{0} could not be deleted; close other windows that use the model and try again",
      folder,
    ),
  "import licence": (t) => t("the licence has to be named by its identifier"),
  "model not loadable": (t, a, b) =>
    t("the model in {0} cannot be loaded ({1}); import it again", a, b),
  "package tokenizer unusable": (t, a, b) =>
    t("{0} is no usable tokenizer ({1}); import the model again", a, b),
  "n-gram table unusable": (t, a, b) =>
    t("{0} is no usable n-gram table ({1}); import the model again", a, b),
  "export format unknown": (t, a) =>
    t(
      "the format of {0} cannot be written; name a file that ends in .gguf or .safetensors",
      a,
    ),
  "export target exists": (t, a) =>
    t(
      "{0} exists already and is not replaced; choose another name or remove it",
      a,
    ),
  "export epsilon": (t, a, b, c) =>
    t(
      "the norms of {0} use ε = {1}, and the format can only express {2}, so other engines would compute the model wrongly; import the checkpoint here instead of exporting it",
      a,
      b,
      c,
    ),
  "export tokenizer": (t, a) =>
    t(
      "a GGUF for llama.cpp cannot hold a {0} tokenizer; export the model as .safetensors instead",
      a,
    ),
  "export type": (t, a) =>
    t("safetensors cannot store {0}; choose f32 or f16, or export a .gguf", a),
  "gguf generation": (t, a) =>
    t("GGUF has no RWKV-{0}; export it as safetensors instead", a),
  "gguf embedding": (t) =>
    t(
      "GGUF has no place for an embedding that is normalised already; export it as safetensors instead",
    ),
  "gguf ranks": (t, a) =>
    t(
      "GGUF has one rank for all layers, but those of att.{0} differ; export it as safetensors instead",
      a,
    ),
  "tensor value": (t, a, b, c) =>
    t("{0} holds {1}, which {2}; download or export the file again", a, b, c),
  "tensor shape": (t, a, b, c) =>
    t(
      "{0} has the shape {1} where {2} is expected; download or export the file again",
      a,
      b,
      c,
    ),
  "tensor missing": (t, a, b) => t("{0} has no tensor {1}", a, b),
  "checkpoint unfit": (t, a, b) =>
    t(
      "{0} {1}; download or export the file again, or choose another model",
      a,
      b,
    ),
  "checkpoint unsupported": (t, a, b, c) => t("{0} {1}; {2}", a, b, c),
  "checkpoint is RWKV-7b": (t, a) =>
    t(
      "{0} is an RWKV-7b, whose attention keeps every token in a cache: its memory is not constant, so it is not supported; choose an RWKV-7 or 7a model",
      a,
    ),
  "checkpoint has time_state": (t, a) =>
    t(
      "{0} starts from a tuned state (time_state), which is not supported; choose a model without one",
      a,
    ),
  "config unreadable": (t, a, b, c) =>
    t(
      "{0} cannot be read ({1}), and it may say how {2} is computed; download it again, or move it away if it belongs to something else",
      a,
      b,
      c,
    ),
  "config impossible": (t, a, b, c) =>
    t(
      "{0} says {1} = {2}, which is impossible; download the file again",
      a,
      b,
      c,
    ),
  "config of another model": (t, a, b, c, d) =>
    t(
      "{0} says {1} = {2}, and the weights beside it have {3}: it belongs to another model, so put the config.json of this one there, or move it away",
      a,
      b,
      c,
      d,
    ),
  "config activation": (t, a, b, c) =>
    t(
      "{0} says hidden_act = {1}, and RWKV-{2} is only computed with sqrelu; choose another model",
      a,
      b,
      c,
    ),
  "checkpoint unreadable": (t, a, b) =>
    t("cannot open {0} ({1}); choose a checkpoint file that can be read", a, b),
  "checkpoint damaged": (t, a, b, c) =>
    t("{0}, byte {1}: {2}; download or export the file again", a, b, c),
  "checkpoint refused at": (t, a, b, c, d) =>
    t("{0}, byte {1}: {2}; {3}", a, b, c, d),
  "checkpoint refused": (t, a, b) => t("{0}: {1}", a, b),
  "package folder taken": (t, a, b) =>
    t("{0} {1}; choose a folder that does not exist yet", a, b),
  "disk full": (t, a) =>
    t(
      "the disk is full, so nothing was written to {0}; free some space or choose another disk",
      a,
    ),
  "package folder unwritable": (t, a, b) =>
    t("{0} cannot be written ({1}); choose another folder", a, b),
  "graph unreadable": (t, a, b) =>
    t("{0} cannot be read ({1}); import the model again", a, b),
  "graph foreign": (t, a) =>
    t(
      "{0} is not the graph that this version makes for such a model, so it is not run; import the model again",
      a,
    ),
  "manifest no JSON": (t, a) =>
    t("{0} is not JSON; import or install the model again", a),
  "manifest unfit": (t, a, b) =>
    t("{0} {1}; import or install the model again", a, b),
  "manifest format": (t, a, b) =>
    t(
      "{0} has format {1}, this version reads format 2: update the extension or import the model again",
      a,
      b,
    ),
  "model too large": (t, a, b, c) =>
    t(
      "the model in {0} has {1}, this machine has {2} of memory; choose a smaller model",
      a,
      b,
      c,
    ),
  "package file size": (t, a, b, c) =>
    t(
      "{0} has {1} bytes instead of {2}: it is incomplete or was changed; import or install the model again",
      a,
      b,
      c,
    ),
  "package file checksum": (t, a) =>
    t(
      "{0} does not match its checksum: it is damaged or was changed; import or install the model again",
      a,
    ),
  "manifest too large": (t, a) =>
    t("{0} is too large for a manifest; import or install the model again", a),
  "package file missing": (t, a, b) =>
    t(
      "{0} is missing or cannot be read ({1}); import or install the model again, or choose another with rwkv.model",
      a,
      b,
    ),
  "tokenizer of another network": (t, a, b, c) =>
    t(
      "{0} has {1} tokens, the network {2}: they do not belong together",
      a,
      b,
      c,
    ),
  "tokenizer unusable": (t, a, b) =>
    t(
      "{0} is no usable tokenizer ({1}); choose the file that came with the model",
      a,
      b,
    ),
  "tokenizer of another model": (t, a, b, c) =>
    t(
      "{0} has {1} tokens, the model {2}: they do not belong together, so choose the tokenizer that came with the model",
      a,
      b,
      c,
    ),
  "tokenizer in checkpoint unusable": (t, a, b) =>
    t(
      "the tokenizer in {0} cannot be used ({1}); name another with --tokenizer",
      a,
      b,
    ),
  "disk too small": (t, a, b, c) =>
    t(
      "{0} needs {1} and its disk has {2} to spare; free some space or choose another folder",
      a,
      b,
      c,
    ),
  "model no longer used": (t) => t("the model is no longer used"),
  "no tokenizer": (t, path, wanted, source) =>
    t(
      "{0} has no tokenizer of its own; put the model's {1} beside it{2}, or name the file with --tokenizer",
      path,
      wanted,
      source,
    ),
  "no tokenizer that is read": (t, path, kind, wanted, source) =>
    t(
      "{0} has a tokenizer of a kind that is not read ({1}); put the model's {2} beside it{3}, or name the file with --tokenizer",
      path,
      kind,
      wanted,
      source,
    ),
  "import failed": (t, detail) => t("the import failed: {0}", detail),
  "import ended": (t, source, how) =>
    t(
      "the import of {0} ended unexpectedly ({1}); close other programs to free memory and try again",
      source,
      how,
    ),
  "import busy": (t, folder) =>
    t("{0} is being written by another import", folder),
  "import source": (t) => t("the checkpoint has to be named by its full path"),
  "import folder": (t, folder) =>
    t(
      'the folder of models has to be named by its full path; "{0}" is none, so change rwkv.modelsPath',
      folder,
    ),
  "import name": (t, name) =>
    t('"{0}" cannot be a model\'s name; choose the name of a new folder', name),
  "import quantisation": (t, given, known) =>
    t('"{0}" is no quantisation; choose one of {1}', given, known),
  "import tokenizer": (t) => t("the tokenizer has to be named by its path"),
  "import progress": (t, done, total) => t("{0} / {1}", done, total),
  "import comparing": (t, done, total) =>
    t("comparing with full precision, {0} / {1}", done, total),
  "nothing quantised": (t) => t("nothing was quantised"),
  "loss not measured": (t, needed) =>
    t(
      "the loss was not measured: the disk has no {0} to spare for the comparison",
      needed,
    ),
  "quantisation loss": (t, same, positions, divergence) =>
    t(
      "against full precision, the same likeliest token at {0} % of {1} positions, KL divergence {2} nats",
      same,
      positions,
      divergence,
    ),
  "model ready": (t, name, generation, parameters, quantisation, speed) =>
    t(
      "{0} · RWKV-{1}, {2} parameters, {3} · {4} ms/token",
      name,
      generation,
      parameters,
      quantisation,
      speed,
    ),
  "model slow": (t, name, ms) =>
    t(
      "{0} needs {1} ms/token on this machine, which is too slow to complete while typing; choose a smaller model or int4",
      name,
      ms,
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
  "indexing project": (t) => t("Indexing the project"),
  generating: (t) => t("Generating"),
  "generate failed": (t) => t("Generation failed; the log has more."),
} satisfies Record<string, Sentence>;

const all = { ...sentences, ...damage };

export type MessageCode = keyof typeof all;

export const messageCodes = Object.keys(all) as MessageCode[];

/** As many arguments as the sentence has placeholders. */
type Arguments<C extends MessageCode> =
  Parameters<(typeof all)[C]> extends [Translate, ...infer Values]
    ? { [I in keyof Values]: Argument }
    : never;

/** The message with this code. */
export function message<C extends MessageCode>(
  code: C,
  ...args: Arguments<C>
): Message {
  return { code, args };
}

/** The text of a message in the language of `t`. */
export function worded({ code, args }: Message, t: Translate): string {
  const sentence: Sentence = all[code];
  const values = args.map((value) =>
    typeof value === "object" ? worded(value, t) : value,
  );
  return sentence(t, ...values);
}

/** Fills in the English text, for programs without translations. */
export const english: Translate = (text, ...values) =>
  text.replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)]),
  );

/** The text of a message in English. */
export function inEnglish(message: Message): string {
  return worded(message, english);
}

/** Whether a value that the other side sent is a message whose codes are all known to this side. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { code, args } = value as Partial<Message>;
  return (
    typeof code === "string" &&
    Object.hasOwn(all, code) &&
    Array.isArray(args) &&
    args.every((arg) => typeof arg !== "object" || isMessage(arg))
  );
}

/** An error whose message can be worded in other languages, too; `message` is in English. */
export class ToldError extends Error {
  constructor(
    readonly told: Message,
    options?: ErrorOptions,
  ) {
    super(inEnglish(told), options);
  }
}

/** Sentences for the system's error codes of files. */
const ofFiles: Readonly<Record<string, MessageCode>> = {
  ENOENT: "no such file",
  EACCES: "not permitted",
  EPERM: "not permitted",
  EROFS: "read-only",
};

/** What an error says, as an argument of a message. The texts of libraries are not translated. */
export function detailOf(error: unknown): Message | string {
  if (error instanceof ToldError) return error.told;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const known = typeof code === "string" ? ofFiles[code] : undefined;
  if (known !== undefined) return { code: known, args: [] };
  return error instanceof Error ? error.message : String(error);
}
