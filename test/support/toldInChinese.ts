import assert from "node:assert/strict";
import bundle from "../../l10n/bundle.l10n.zh-cn.json";
import {
  english,
  ToldError,
  worded,
  type Message,
  type Translate,
} from "../../src/messages";

const texts: Readonly<Record<string, string>> = bundle;

/** As an editor in Simplified Chinese words it; fails where the bundle lacks a sentence. */
export const chinese: Translate = (text, ...values) => {
  const translated = texts[text];
  assert.ok(translated, `"${text}" has no translation`);
  return english(translated, ...values);
};

/** Sentences that quote what a library says, in its own words. */
const quoting: readonly string[] = ["zip not unpacked", "config unreadable"];

/**
 * An error about a file has to be told as codes all through: nothing that fills its sentences may be
 * a sentence of its own.
 */
export function assertTold(error: Error): void {
  assert.ok(error instanceof ToldError, error.stack);
  assert.match(worded(error.told, chinese), /\p{Script=Han}/u);
  assertNoProse(error.told);
}

function assertNoProse({ code, args }: Message): void {
  for (const arg of args) {
    if (typeof arg === "object") assertNoProse(arg);
    else if (!quoting.includes(code))
      assert.doesNotMatch(
        String(arg),
        /\b[a-z']+ [a-z']+ [a-z']+\b/i,
        `"${code}" is filled with a text that has no code`,
      );
  }
}
