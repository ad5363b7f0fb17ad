import type { Translate } from "./messages";
import type { NoSuggestionReason, Stop } from "./protocol";

/** All reasons why there may be no suggestion or answer. */
export type Reason =
  NoSuggestionReason | Stop | "nothing read" | "nothing suggested";

/** What the status menu offers for a reason. */
export type NextStep =
  | "wait"
  | "trigger"
  | "toggle"
  | "restart"
  | "log"
  | { readonly setting: string };

interface Wording {
  /** Part of a sentence, without a full stop. */
  readonly text: (t: Translate) => string;
  readonly next: NextStep;
}

const wordings: Record<Reason, Wording> = {
  off: { text: (t) => t("suggestions are switched off"), next: "toggle" },
  "language off": {
    text: (t) => t("suggestions are switched off for this language"),
    next: "toggle",
  },
  "unsupported document": {
    text: (t) => t("this is not a document that one writes"),
    next: "wait",
  },
  excluded: {
    text: (t) => t("the file matches rwkv.exclude"),
    next: { setting: "rwkv.exclude" },
  },
  "settings unknown": {
    text: (t) => t("the editor did not tell its settings for the file"),
    next: "log",
  },
  "out of step": {
    text: (t) =>
      t("an edit could not be followed; close the file and open it again"),
    next: "wait",
  },
  binary: { text: (t) => t("the file is binary"), next: "wait" },
  "inside a character": {
    text: (t) => t("the cursor stands inside of a character"),
    next: "wait",
  },
  "line too long": {
    text: (t) => t("the line is too long"),
    next: "trigger",
  },
  "mid-word": {
    text: (t) => t("the cursor stands inside of a word"),
    next: "trigger",
  },
  "nothing to go on": {
    text: (t) => t("there is no text before the cursor yet"),
    next: "trigger",
  },
  "selected item": {
    text: (t) => t("the chosen item of the list leaves nothing to add"),
    next: "wait",
  },
  "dismissed here": {
    text: (t) => t("this suggestion was put away here"),
    next: "wait",
  },
  deletion: {
    text: (t) => t("text was deleted; the next key asks again"),
    next: "trigger",
  },
  "model loading": { text: (t) => t("the model is loading"), next: "wait" },
  "model failed": {
    text: (t) => t("the model could not be loaded"),
    next: "restart",
  },
  generating: {
    text: (t) => t("the command Generate is writing"),
    next: "wait",
  },
  superseded: {
    text: (t) => t("another key was typed before it was ready"),
    next: "trigger",
  },
  cancelled: {
    text: (t) => t("the editor no longer wanted it"),
    next: "trigger",
  },
  "document closed": { text: (t) => t("the file was closed"), next: "wait" },
  "document changed": {
    text: (t) => t("the file was changed meanwhile"),
    next: "trigger",
  },
  "settings changed": {
    text: (t) => t("the settings were changed meanwhile"),
    next: "trigger",
  },
  "unknown document": {
    text: (t) => t("the engine does not know the file"),
    next: "restart",
  },
  "nothing to add": {
    text: (t) => t("the model has nothing to add here"),
    next: "trigger",
  },
  "not sure enough": {
    text: (t) => t("no suggestion was sure enough to be shown"),
    next: { setting: "rwkv.suggestions" },
  },
  "time budget": {
    text: (t) => t("nothing was ready within rwkv.timeBudget"),
    next: { setting: "rwkv.timeBudget" },
  },
  repetition: {
    text: (t) => t("the model only repeated itself"),
    next: "trigger",
  },
  "repeats what follows": {
    text: (t) => t("it would have repeated what follows the cursor"),
    next: "wait",
  },
  unbalanced: {
    text: (t) => t("its brackets would not have fitted here"),
    next: "wait",
  },
  "syntax error": {
    text: (t) => t("it would have been a syntax error here"),
    next: "wait",
  },
  failed: { text: (t) => t("the engine failed"), next: "log" },
  "nothing read": {
    text: (t) => t("nothing of it was read yet"),
    next: "wait",
  },
  "nothing suggested": {
    text: (t) => t("nothing was suggested yet"),
    next: "trigger",
  },
  "end of text": {
    text: (t) => t("the model holds the text to be complete"),
    next: "wait",
  },
  "end of line": { text: (t) => t("the line is complete"), next: "wait" },
  "end of block": { text: (t) => t("the block is complete"), next: "wait" },
  "line limit": {
    text: (t) => t("rwkv.maxLines was reached"),
    next: { setting: "rwkv.maxLines" },
  },
  "token limit": {
    text: (t) => t("the longest length was reached"),
    next: { setting: "rwkv.generate.maxTokens" },
  },
  "broken character": {
    text: (t) => t("the model broke off inside of a character"),
    next: "trigger",
  },
  "connection lost": {
    text: (t) => t("the connection to the server was lost"),
    next: "log",
  },
};

export const reasons = Object.keys(wordings) as Reason[];

/** The reason in the user's words; one that a newer engine knows alone is shown as it is. */
export function reasonText(reason: string, t: Translate): string {
  return isReason(reason) ? wordings[reason].text(t) : reason;
}

export function nextStep(reason: string): NextStep {
  return isReason(reason) ? wordings[reason].next : "log";
}

function isReason(reason: string): reason is Reason {
  return Object.hasOwn(wordings, reason);
}
