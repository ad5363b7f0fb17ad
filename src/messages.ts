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
      'the model "{0}" needs {1} MB beside {2} for the states of its files, and of rwkv.memoryBudget ({3} MB) each would have {4} MB; raise it, or use one model everywhere',
      name,
      needed,
      others,
      budget,
      share,
    ),
  "model not in use": (t, name) => t("the model {0} is no longer in use", name),
  "model not loaded": (t, detail) =>
    t("the model could not be loaded: {0}", detail),
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

/** For whoever has no bundle of texts. */
export const english: Translate = (text, ...values) =>
  text.replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)]),
  );

/** The sentence in English. */
export function inEnglish(message: Message): string {
  return worded(message, english);
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
